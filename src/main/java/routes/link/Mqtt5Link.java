package routes.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.MqttPublish;
import routes.link.Failure.Kind;
import routes.tls.TlsFault;

/** A connection of Paho's MQTT 5 client. */
final class Mqtt5Link implements Link<MqttMessage> {
  private final MqttConnectionOptions options = new MqttConnectionOptions();
  private final Link.Events<MqttMessage> events;
  private final Mqtt5Reasons reasons;
  private final Transport transport;
  private final Mqtt5Session session;
  private final Mqtt5Pings pings;
  private final Mqtt5Answer connack;

  Mqtt5Link(ConnectionSettings settings, Mqtt5Pings pings, Link.Events<MqttMessage> events)
      throws Failure {
    this.events = events;
    this.pings = pings;
    this.reasons = new Mqtt5Reasons(settings);
    this.transport = new Transport(settings, ConnectionPolicy.CONNECT_TIMEOUT, new Reader());
    try {
      this.session = new Mqtt5Session(settings.url(), settings.clientId(), transport, pings);
    } catch (MqttException e) {
      throw reasons.lost(e);
    }
    this.connack = new Mqtt5Answer(reasons::connecting);
    session.setCallback(new Callback());
    // Ours go out after the listener has returned; Paho's would when it is told of the message.
    session.setManualAcks(true);
    options.setCleanStart(settings.cleanSession());
    options.setSessionExpiryInterval(0L);
    options.setReceiveMaximum(Inbound.ROOM);
    // Maximum Packet Size stays out: Paho would keep to it with what goes out, too.
    options.setKeepAliveInterval(Math.toIntExact(settings.policy().keepAlive().toSeconds()));
    options.setAutomaticReconnect(false);
  }

  @Override
  public Limits connect(Credential credential, Duration timeout)
      throws Failure, InterruptedException {
    credential.username().ifPresent(options::setUserName);
    credential
        .password()
        .ifPresent(password -> options.setPassword(password.getBytes(StandardCharsets.UTF_8)));
    try {
      session.connect(options, null, connack);
      connack.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      // Anew, by the broker's Server Keep Alive: Paho reads it after it has started them.
      pings.start();
      return limits(connack.properties());
    } catch (MqttException e) {
      throw reasons.connecting(e);
    } catch (ExecutionException e) {
      throw reasons.unanswered((Failure) e.getCause(), transport.secured());
    } catch (TimeoutException e) {
      throw new Failure(
          Kind.UNREACHABLE, "unreachable: no CONNACK within " + Durations.text(timeout));
    }
  }

  private static Limits limits(MqttProperties connack) {
    if (connack == null) {
      return Limits.NONE;
    }
    Integer receiveMaximum = connack.getReceiveMaximum();
    Long packetSize = connack.getMaximumPacketSize();
    Integer qos = connack.getMaximumQoS();
    return new Limits(
        receiveMaximum == null ? Limits.NONE.receiveMaximum() : receiveMaximum,
        packetSize == null ? Limits.NONE.maximumPacketSize() : packetSize,
        qos == null ? Limits.NONE.maximumQos() : qos);
  }

  @Override
  public int qos(MqttMessage message) {
    return message.getQos();
  }

  @Override
  public int payload(MqttMessage message) {
    return message.getPayload().length;
  }

  @Override
  public MqttMessage empty() {
    return new MqttMessage(new byte[0], 1, false, new MqttProperties());
  }

  @Override
  public long size(String topic, MqttMessage message) throws Failure {
    MqttPublish packet = new MqttPublish(topic, message, message.getProperties());
    try {
      return packet.getHeader().length + (long) packet.getPayload().length;
    } catch (MqttException | IllegalArgumentException e) {
      throw new Failure(Kind.REFUSED, "MQTT can't carry it: " + TlsFault.oneLine(e), e);
    }
  }

  @Override
  public CompletableFuture<Void> publish(String topic, MqttMessage message) throws Failure {
    Mqtt5Answer answer = new Mqtt5Answer(reasons::lost);
    try {
      session.send(topic, message, answer);
      return answer;
    } catch (IllegalArgumentException e) {
      throw new Failure(Kind.REFUSED, "no topic to publish to: \"" + topic + "\"", e);
    } catch (MqttException e) {
      throw reasons.lost(e);
    }
  }

  @Override
  public CompletableFuture<Void> subscribe(String filter, int qos) throws Failure {
    Mqtt5Answer answer = new Mqtt5Answer(reasons::lost);
    try {
      MqttSubscription[] wanted = {new MqttSubscription(filter, qos)};
      session.subscribe(wanted, null, answer, new MqttProperties());
      return answer;
    } catch (MqttException | IllegalArgumentException e) {
      throw reasons.lost(e);
    }
  }

  @Override
  public CompletableFuture<Void> unsubscribe(String filter) throws Failure {
    Mqtt5Answer answer = new Mqtt5Answer(reasons::lost);
    try {
      session.unsubscribe(new String[] {filter}, null, answer, new MqttProperties());
      return answer;
    } catch (MqttException | IllegalArgumentException e) {
      throw reasons.lost(e);
    }
  }

  @Override
  public void acknowledge(MqttMessage message) {
    try {
      // QoS 2 is answered by Paho itself.
      if (message.getQos() == 1) {
        session.messageArrivedComplete(message.getId(), 1);
      }
    } catch (MqttException e) {
      // Not connected any more: the broker sends it again.
    }
  }

  @Override
  public void refuse(MqttMessage message) {
    if (message.getQos() == 1) {
      refuse(message.getId());
    }
  }

  private void refuse(int messageId) {
    try {
      session.refuse(messageId);
    } catch (MqttException e) {
      // Not connected any more.
    }
  }

  @Override
  public CompletableFuture<Void> disconnect() {
    Mqtt5Answer answer = new Mqtt5Answer(reasons::lost);
    try {
      session.farewell(answer);
    } catch (MqttException e) {
      answer.complete(null);
    }
    return answer;
  }

  @Override
  public void cut() {
    transport.cut();
  }

  private final class Reader implements Transport.Reader {
    @Override
    public void tooLarge(long bytes, int messageId) {
      events.tooLarge(bytes);
      if (messageId != 0) {
        refuse(messageId);
      }
    }

    @Override
    public void died(Throwable why) {
      session.end(new IOException("the broker sent a malformed packet", why));
    }
  }

  private final class Callback implements MqttCallback {
    @Override
    public void disconnected(MqttDisconnectResponse response) {
      Failure why =
          response.getException() == null
              ? Mqtt5Reasons.disconnected(response.getReturnCode())
              : reasons.lost(response.getException());
      // Paho forgets to tell of a CONNACK that a DISCONNECT follows at once.
      connack.completeExceptionally(why);
      events.lost(why);
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      events.arrived(topic, message);
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }
}
