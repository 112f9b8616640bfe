package routes.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import routes.link.Failure.Kind;

/** A connection of Paho's MQTT 3.1.1 client. */
final class Mqtt3Link implements Link<MqttMessage> {
  /** Fixed head, packet identifier and length of the topic of a PUBLISH, at most (3.1.1, 3.3). */
  private static final int PUBLISH_HEAD = 9;

  /** {@link Window} guards what is in flight; Paho's own limit throws when it is just reached. */
  private static final int NO_LIMIT = 65_535;

  private final MqttConnectOptions options = new MqttConnectOptions();
  private final Link.Events<MqttMessage> events;
  private final Mqtt3Reasons reasons;
  private final Transport transport;
  private final Mqtt3Session session;
  private final Mqtt3Answer connack;

  Mqtt3Link(ConnectionSettings settings, Mqtt3Pings pings, Link.Events<MqttMessage> events)
      throws Failure {
    this.events = events;
    this.reasons = new Mqtt3Reasons(settings);
    this.transport = new Transport(settings, ConnectionPolicy.CONNECT_TIMEOUT, new Reader());
    try {
      this.session = new Mqtt3Session(settings.url(), settings.clientId(), transport, pings);
    } catch (MqttException e) {
      throw reasons.lost(e);
    }
    this.connack = new Mqtt3Answer(reasons::connecting);
    session.setCallback(new Callback());
    // Ours go out after the listener has returned; Paho's would when it is told of the message.
    session.setManualAcks(true);
    // Or Paho tries again with MQTT 3.1 when 3.1.1 is refused for whatever reason.
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    options.setCleanSession(settings.cleanSession());
    options.setMaxInflight(NO_LIMIT);
    options.setKeepAliveInterval(Math.toIntExact(settings.policy().keepAlive().toSeconds()));
    options.setAutomaticReconnect(false);
  }

  @Override
  public Limits connect(Credential credential, Duration timeout)
      throws Failure, InterruptedException {
    credential.username().ifPresent(options::setUserName);
    credential.password().ifPresent(password -> options.setPassword(password.toCharArray()));
    try {
      session.connect(options, null, connack);
      connack.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return Limits.NONE;
    } catch (MqttException e) {
      throw reasons.connecting(e);
    } catch (ExecutionException e) {
      throw reasons.unanswered((Failure) e.getCause(), transport.secured());
    } catch (TimeoutException e) {
      throw new Failure(
          Kind.UNREACHABLE, "unreachable: no CONNACK within " + Durations.text(timeout));
    }
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
    MqttMessage message = new MqttMessage();
    message.setQos(0);
    return message;
  }

  @Override
  public long size(String topic, MqttMessage message) {
    return PUBLISH_HEAD
        + topic.getBytes(StandardCharsets.UTF_8).length
        + (long) message.getPayload().length;
  }

  @Override
  public CompletableFuture<Void> publish(String topic, MqttMessage message) throws Failure {
    Mqtt3Answer answer = new Mqtt3Answer(reasons::lost);
    try {
      session.publish(topic, message, null, answer);
      return answer;
    } catch (IllegalArgumentException e) {
      throw new Failure(Kind.REFUSED, "no topic to publish to: \"" + topic + "\"", e);
    } catch (MqttException e) {
      throw reasons.lost(e);
    }
  }

  @Override
  public CompletableFuture<Void> subscribe(String filter, int qos) throws Failure {
    Mqtt3Answer answer = new Mqtt3Answer(reasons::lost);
    try {
      session.subscribe(filter, qos, null, answer);
      return answer;
    } catch (IllegalArgumentException e) {
      throw new Failure(Kind.REFUSED, "no topic filter: \"" + filter + "\"", e);
    } catch (MqttException e) {
      throw reasons.lost(e);
    }
  }

  @Override
  public CompletableFuture<Void> unsubscribe(String filter) throws Failure {
    Mqtt3Answer answer = new Mqtt3Answer(reasons::lost);
    try {
      session.unsubscribe(filter, null, answer);
      return answer;
    } catch (MqttException | IllegalArgumentException e) {
      throw reasons.lost(e);
    }
  }

  @Override
  public void acknowledge(MqttMessage message) {
    try {
      // QoS 2 is never granted: subscriptions ask for 1 at most.
      if (message.getQos() == 1) {
        session.acknowledge(message.getId());
      }
    } catch (MqttException e) {
      // Not connected any more: the broker sends it again.
    }
  }

  @Override
  public void refuse(MqttMessage message) {}

  @Override
  public CompletableFuture<Void> disconnect() {
    Mqtt3Answer answer = new Mqtt3Answer(reasons::lost);
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
    }

    @Override
    public void died(Throwable why) {
      session.end(new IOException("the broker sent a malformed packet", why));
    }
  }

  private final class Callback implements MqttCallback {
    @Override
    public void connectionLost(Throwable cause) {
      Failure why =
          cause == null
              ? new Failure(Kind.CLOSED, "the broker closed the connection")
              : reasons.lost(cause);
      connack.completeExceptionally(why);
      events.lost(why);
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      events.arrived(topic, message);
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}
  }
}
