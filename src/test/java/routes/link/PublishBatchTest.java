package routes.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import routes.link.MqttMessage.Properties;

class PublishBatchTest {
  private static final Properties ALL =
      new Properties(
          "text/plain; charset=ü",
          true,
          4_000_000_000L,
          "reply/€",
          new byte[] {0, -1},
          List.of(Map.entry("id", "a"), Map.entry("id", "b"), Map.entry("empty", "")));

  private final EmbeddedChannel broker = new EmbeddedChannel(new MqttDecoder(1 << 20));
  private final EmbeddedChannel channel = new EmbeddedChannel();

  @Test
  void writesManyPacketsInOneBuffer() {
    speak(MqttVersion.MQTT_5);
    PublishBatch batch = new PublishBatch(channel, true);
    for (int id = 1; id <= 20; id++) {
      MqttMessage message = message("t" + id, 500, Properties.NONE);
      batch.add(message, PublishSize.of(message, true), id);
    }
    batch.write();
    channel.flush();
    assertThat(channel.outboundMessages()).hasSize(1);
    assertThat(received()).extracting(MqttMessage::id).containsExactly(ids(20));
  }

  @Test
  void encodesPropertiesFlagsAndText() {
    speak(MqttVersion.MQTT_5);
    PublishBatch batch = new PublishBatch(channel, true);
    List<MqttMessage> sent =
        List.of(
            new MqttMessage("a/ü/€/😀", bytes(3), 1, true, ALL, 65_535, false),
            new MqttMessage("a", bytes(0), 0, false, ALL, 0, false),
            new MqttMessage("a", bytes(200), 2, false, Properties.NONE, 128, false));
    sent.forEach(message -> batch.add(message, PublishSize.of(message, true), message.id()));
    batch.write();
    channel.flush();
    same(received(), sent);
  }

  @Test
  void omitsPropertiesInVersion3() {
    speak(MqttVersion.MQTT_3_1_1);
    PublishBatch batch = new PublishBatch(channel, false);
    MqttMessage message = message("a", 5, ALL);
    batch.add(message, PublishSize.of(message, false), 7);
    batch.write();
    channel.flush();
    same(received(), List.of(new MqttMessage("a", bytes(5), 1, false, Properties.NONE, 7, false)));
  }

  @Test
  void keepsTheOrderOfSmallAndLargePackets() {
    speak(MqttVersion.MQTT_5);
    PublishBatch batch = new PublishBatch(channel, true);
    List<MqttMessage> sent = new ArrayList<>();
    int[] sizes = {10, 16_000, 900_000, 16_384, 1, 70_000, 70_000, 8_000, 8_000, 8_000, 0};
    for (int size : sizes) {
      int id = sent.size() + 1;
      MqttMessage message = new MqttMessage("a", bytes(size), 1, false, Properties.NONE, id, false);
      sent.add(message);
      batch.add(message, PublishSize.of(message, true), id);
    }
    batch.write();
    channel.flush();
    same(received(), sent);
  }

  private void speak(MqttVersion version) {
    EmbeddedChannel encoder = new EmbeddedChannel(MqttEncoder.INSTANCE);
    encoder.writeOutbound(
        MqttMessageBuilders.connect().protocolVersion(version).clientId("a").build());
    Object connect = encoder.readOutbound();
    broker.writeInbound(connect);
    broker.readInbound();
  }

  private List<MqttMessage> received() {
    for (Object buffer; (buffer = channel.readOutbound()) != null; ) {
      broker.writeInbound(buffer);
    }
    List<MqttMessage> messages = new ArrayList<>();
    for (MqttPublishMessage packet; (packet = broker.readInbound()) != null; ) {
      assertThat(packet.decoderResult().isSuccess()).isTrue();
      messages.add(Packets.message(packet));
      packet.release();
    }
    return messages;
  }

  private static void same(List<MqttMessage> received, List<MqttMessage> sent) {
    assertThat(received).hasSameSizeAs(sent);
    for (int i = 0; i < sent.size(); i++) {
      MqttMessage message = received.get(i);
      assertThat(message.payload()).isEqualTo(sent.get(i).payload());
      assertThat(message.qos() == 0 ? 0 : message.id()).isEqualTo(sent.get(i).id());
      assertThat(message)
          .usingRecursiveComparison()
          .ignoringFields("id", "payload")
          .isEqualTo(sent.get(i));
    }
  }

  private static MqttMessage message(String topic, int size, Properties properties) {
    return new MqttMessage(topic, bytes(size), 1, false, properties);
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31);
    }
    return bytes;
  }

  private static Integer[] ids(int most) {
    Integer[] ids = new Integer[most];
    Arrays.setAll(ids, i -> i + 1);
    return ids;
  }
}
