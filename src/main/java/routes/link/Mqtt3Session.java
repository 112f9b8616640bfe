package routes.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttToken;
import org.eclipse.paho.client.mqttv3.internal.NetworkModule;
import org.eclipse.paho.client.mqttv3.internal.wire.MqttDisconnect;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * Paho's asynchronous client for one connection: a new one each time, since it keeps tokens of the
 * connection before. On our {@link Transport}.
 */
final class Mqtt3Session extends MqttAsyncClient {
  private final Transport transport;

  Mqtt3Session(BrokerUrl url, String clientId, Transport transport, Mqtt3Pings pings)
      throws MqttException {
    super(url.toString(), clientId, new MemoryPersistence(), pings);
    this.transport = transport;
  }

  /** PUBACK for a message of QoS 1. */
  void acknowledge(int messageId) throws MqttException {
    comms.messageArrivedComplete(messageId, 1);
  }

  /** The connection is lost, for a reason that Paho hasn't noticed. */
  void end(IOException why) {
    comms.shutdownConnection(
        null, new MqttException(MqttException.REASON_CODE_CONNECTION_LOST, why));
  }

  /** DISCONNECT without Paho's waits. */
  void farewell(IMqttActionListener listener) throws MqttException {
    MqttToken token = new MqttToken(getClientId());
    token.setActionCallback(listener);
    comms.disconnect(new MqttDisconnect(), 0, token);
  }

  @Override
  protected NetworkModule[] createNetworkModules(String address, MqttConnectOptions options) {
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
