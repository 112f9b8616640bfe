package routes.faults;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import routes.sandbox.PacketClient;

/**
 * Receives the samples at QoS 0. Reads to the end of a connection: a killed broker has sent what it
 * acknowledged, and Paho discards what waits for its callback when the connection ends.
 */
final class MosquittoSubscriber implements AutoCloseable {
  private static final long PATIENCE_MS = 60_000;

  private final Consumer<String> payloads;
  private final PacketClient client;
  private final Thread reader = new Thread(this::read, "subscriber");

  /**
   * @param payloads takes each payload, on another thread
   */
  MosquittoSubscriber(int port, Consumer<String> payloads) throws IOException {
    this.payloads = payloads;
    Socket socket = new Socket("127.0.0.1", port);
    client = new PacketClient(socket);
    client.send(
        MqttMessageBuilders.connect()
            .protocolVersion(MqttVersion.MQTT_3_1_1)
            .clientId("subscriber")
            .cleanSession(true)
            .keepAlive(0) // a frozen broker must not lose the subscriber
            .build());
    expect(MqttMessageType.CONNACK);
    client.send(
        MqttMessageBuilders.subscribe()
            .messageId(1)
            .addSubscription(MqttQoS.AT_MOST_ONCE, "devices/+/metrics")
            .build());
    expect(MqttMessageType.SUBACK);
    socket.setSoTimeout(0);
    reader.setDaemon(true);
    reader.start();
  }

  private void expect(MqttMessageType type) throws IOException {
    MqttMessage packet = client.receive();
    if (packet == null || packet.fixedHeader().messageType() != type) {
      close();
      throw new IOException("expected " + type + " instead of " + packet);
    }
  }

  private void read() {
    try {
      MqttMessage packet;
      while ((packet = client.receive()) != null) {
        if (packet instanceof MqttPublishMessage publish) {
          ByteBuf payload = publish.payload();
          payloads.accept(payload.toString(StandardCharsets.UTF_8));
          payload.release();
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  /** Returns when everything that the broker sent has been read. The connection has ended. */
  void awaitEnd() throws InterruptedException {
    reader.join(PATIENCE_MS);
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
