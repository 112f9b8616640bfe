package routes.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttToken;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttDisconnect;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.MqttPubAck;
import org.eclipse.paho.mqttv5.common.packet.MqttPublish;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.eclipse.paho.mqttv5.common.util.MqttTopicValidator;

/**
 * Paho's asynchronous client for one connection: a new one each time, since it keeps limits and
 * tokens of the connection before. On our {@link Transport}, and without what Paho gets wrong when
 * many threads publish.
 */
final class Mqtt5Session extends MqttAsyncClient {
  private static final long BUSY_LIMIT = 1_000_000_000;
  private static final long BUSY_PAUSE = 50_000;

  private final Transport transport;

  Mqtt5Session(BrokerUrl url, String clientId, Transport transport, Mqtt5Pings pings)
      throws MqttException {
    super(url.toString(), clientId, new MemoryPersistence(), pings, null);
    this.transport = transport;
  }

  /** A PUBLISH that never uses a topic alias. */
  private static final class Publish extends MqttPublish {
    Publish(String topic, MqttMessage message) {
      super(topic, message, message.getProperties());
    }

    /**
     * Paho's question whether it may use an alias. It gives one out and queues the message in two
     * steps, so that another thread's message with the bare alias can overtake the one that
     * explains it, and the broker disconnects.
     */
    @Override
    public String getTopicName() {
      return null;
    }
  }

  /**
   * @throws IllegalArgumentException for a topic that can't be published to, at which the broker
   *     would disconnect
   */
  void send(String topic, MqttMessage message, MqttActionListener listener) throws MqttException {
    MqttTopicValidator.validate(topic, false, true);
    long start = System.nanoTime();
    while (true) {
      MqttToken token = new MqttToken(getClientId());
      token.internalTok.setDeliveryToken(true);
      token.setActionCallback(listener);
      MqttPublish publish = new Publish(topic, message);
      token.setRequestMessage(publish);
      try {
        comms.sendNoWait(publish, token);
        return;
      } catch (MqttException e) {
        // Paho counts a message as in flight for some µs after it has told of its PUBACK.
        if (e.getReasonCode() != MqttClientException.REASON_CODE_MAX_INFLIGHT
            || System.nanoTime() - start > BUSY_LIMIT) {
          throw e;
        }
        LockSupport.parkNanos(BUSY_PAUSE);
      }
    }
  }

  /** PUBACK that says no, for a message of QoS 1. */
  void refuse(int messageId) throws MqttException {
    MqttPubAck puback =
        new MqttPubAck(MqttReturnCode.RETURN_CODE_QUOTA_EXCEEDED, messageId, new MqttProperties());
    comms.sendNoWait(puback, new MqttToken(getClientId()));
  }

  /** The connection is lost, for a reason that Paho hasn't noticed. */
  void end(IOException why) {
    comms.shutdownConnection(
        null, new MqttException(MqttClientException.REASON_CODE_CONNECTION_LOST, why), null);
  }

  /** DISCONNECT without Paho's waits. */
  void farewell(MqttActionListener listener) throws MqttException {
    MqttToken token = new MqttToken(getClientId());
    token.setActionCallback(listener);
    comms.disconnect(new MqttDisconnect(0, new MqttProperties()), 0, token);
  }

  @Override
  protected NetworkModule[] createNetworkModules(String address, MqttConnectionOptions options) {
    return new NetworkModule[] {
      new NetworkModule() {
        @Override
        public void start() throws IOException {
          transport.open();
        }

        @Override
        public InputStream getInputStream() {
          return transport.input();
        }

        @Override
        public OutputStream getOutputStream() {
          return transport.output();
        }

        @Override
        public void stop() {
          transport.stop();
        }

        @Override
        public String getServerURI() {
          return address;
        }
      }
    };
  }
}
