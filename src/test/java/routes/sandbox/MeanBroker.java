package routes.sandbox;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/** A broker that misbehaves on demand and counts what it receives. */
public final class MeanBroker extends SandboxBroker {
  /** The reason codes of CONNACK, PUBACK and SUBACK from now on; {@link #SILENCE} sends nothing. */
  public volatile int connectAnswer = SUCCESS;

  public volatile ToIntFunction<Arrived> publishAnswer = message -> SUCCESS;
  public volatile int subscribeAnswer = 1;

  /** Codes by filter, in place of {@link #subscribeAnswer}. */
  public final Map<String, Integer> subscribeAnswers = new ConcurrentHashMap<>();

  /** Sent as soon as a subscription matches; null for nothing. */
  public volatile Arrived waiting;

  /** Ends each connection right after its CONNACK. */
  public volatile boolean kicksAtOnce;

  /** Ends each connection before a byte is read. */
  public volatile boolean closesAtOnce;

  public volatile int receiveMaximum = 100;

  /** Additional CONNACK properties (MQTT 5, 3.2.2.3); of these it enforces only the keep-alive. */
  public final MqttProperties announced = new MqttProperties();

  private final Set<String> subscriptions = ConcurrentHashMap.newKeySet();
  public final AtomicInteger accepts = new AtomicInteger();
  public final AtomicInteger farewells = new AtomicInteger();
  public final List<Connect> connects = new CopyOnWriteArrayList<>();
  public final List<Long> connectTimes = new CopyOnWriteArrayList<>();

  @Override
  protected void onAccept(Channel channel) {
    accepts.incrementAndGet();
    if (closesAtOnce) {
      channel.close();
    }
  }

  @Override
  protected int onConnect(Connect connect) {
    connects.add(connect);
    connectTimes.add(System.nanoTime());
    return connectAnswer;
  }

  @Override
  protected MqttProperties announce(Connect connect) {
    MqttProperties properties = super.announce(connect);
    announced.listAll().forEach(properties::add);
    return properties;
  }

  public void announce(MqttPropertyType type, int value) {
    announced.add(new IntegerProperty(type.value(), value));
  }

  @Override
  protected int keepAlive(Connect connect) {
    MqttProperties.MqttProperty<?> own =
        announced.getProperty(MqttPropertyType.SERVER_KEEP_ALIVE.value());
    return own == null ? super.keepAlive(connect) : (Integer) own.value();
  }

  @Override
  protected int receiveMaximum() {
    return receiveMaximum;
  }

  @Override
  protected void onConnected(Connect connect) {
    if (kicksAtOnce) {
      kick(connect.clientId(), NOT_AUTHORIZED);
    }
  }

  @Override
  protected void onDisconnect(Connect client) {
    farewells.incrementAndGet();
  }

  @Override
  protected int onPublish(Connect client, Arrived message) {
    return publishAnswer.applyAsInt(message);
  }

  @Override
  protected int onSubscribe(Connect client, String filter, int qos) {
    int answer = subscribeAnswers.getOrDefault(filter, subscribeAnswer);
    return answer < 0x80 ? Math.min(qos, answer) : answer;
  }

  /** The topic filters that clients are subscribed to now. */
  public Set<String> subscriptions() {
    return subscriptions;
  }

  @Override
  protected void onUnsubscribed(Connect client, String filter) {
    subscriptions.remove(filter);
  }

  @Override
  protected void onClosed(Connect client) {
    subscriptions.clear();
  }

  @Override
  protected void onSubscribed(Connect client, String filter) {
    subscriptions.add(filter);
    if (waiting != null) {
      publish(client.clientId(), waiting);
    }
  }
}
