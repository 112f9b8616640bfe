package routes.vendors;

import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import routes.sandbox.PacketClient;

/**
 * A subscriber with QoS 1 whose session outlives connections. It reads to the end of a broken
 * connection; a library's client may drop what it has not read yet once a PUBACK cannot be written.
 */
final class KeptSubscriber implements AutoCloseable {
  private final int port;
  private final String prefix;
  private final Arrivals arrivals = new Arrivals();
  private final Thread thread = new Thread(this::run, "kept-subscriber");
  private volatile boolean running = true;
  private volatile Socket socket = new Socket();
  private volatile int subscribed;

  /**
   * @param prefix of the topics, which end in a number
   */
  KeptSubscriber(int port, String prefix) {
    this.port = port;
    this.prefix = prefix;
    thread.start();
  }

  private void run() {
    while (running) {
      try (Socket connection = new Socket("127.0.0.1", port);
          PacketClient client = new PacketClient(connection)) {
        socket = connection;
        connection.setSoTimeout(0);
        read(client);
      } catch (IOException e) {
        // the broker is unavailable
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private void read(PacketClient client) throws IOException {
    client.send(connect());
    for (MqttMessage packet = client.receive(); packet != null; packet = client.receive()) {
      switch (packet.fixedHeader().messageType()) {
        case CONNACK -> client.send(subscribe());
        case SUBACK -> subscribed++;
        case PUBLISH -> take(client, (MqttPublishMessage) packet);
        default -> {}
      }
      ReferenceCountUtil.release(packet);
    }
  }

  private static MqttMessage connect() {
    MqttProperties properties = new MqttProperties();
    properties.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), 3_600));
    return MqttMessageBuilders.connect()
        .protocolVersion(MqttVersion.MQTT_5)
        .clientId("subscriber")
        .cleanSession(false)
        .properties(properties)
        .build();
  }

  private static MqttMessage subscribe() {
    return MqttMessageBuilders.subscribe()
        .messageId(1)
        .addSubscription(MqttQoS.AT_LEAST_ONCE, "devices/#")
        .build();
  }

  private void take(PacketClient client, MqttPublishMessage message) {
    String topic = message.variableHeader().topicName();
    if (topic.startsWith(prefix)) {
      arrivals.add(
          Integer.parseInt(topic.substring(prefix.length())), message.fixedHeader().isDup());
    }
    try {
      int id = message.variableHeader().packetId();
      client.send(MqttMessageBuilders.pubAck().packetId(id).build());
    } catch (IOException e) {
      // killed; reads the rest of what it sent
    }
  }

  /** Waits until it has subscribed this many times. */
  void awaitSubscribed(int times) {
    await("subscribed").atMost(Duration.ofSeconds(30)).until(() -> subscribed >= times);
  }

  Arrivals arrivals() {
    return arrivals;
  }

  @Override
  public void close() throws IOException {
    running = false;
    socket.close();
  }
}
