package routes.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import routes.Fuzz;
import routes.settings.SettingException;

class MqttFuzzTest {
  private static final int MOST = 1_000;

  @Test
  void brokerUrls() {
    Fuzz.text(
        text -> {
          try {
            BrokerUrl url = BrokerUrl.parse("mqtt.url", text);
            assertThat(BrokerUrl.parse("mqtt.url", url.toString())).isEqualTo(url);
            assertThat(url.port()).isBetween(1, 65_535);
            return true;
          } catch (SettingException e) {
            assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}|=s3c");
            return false;
          }
        },
        "tcp://host_1:1883",
        "mqtts://[::1]",
        "wss://host.example/mqtt?token=s3cret");
  }

  /** Whatever comes, no packet is larger than allowed, and nothing else is lost or made up. */
  @Test
  void packets() {
    byte[] small = {0x30, 3, 0, 1, 't', 0x40, 2, 0, 1, (byte) 0xD0, 0};
    ByteArrayOutputStream large = new ByteArrayOutputStream();
    large.writeBytes(new byte[] {0x32, (byte) 0xD0, 0x0F});
    large.writeBytes(new byte[2_000]);
    large.writeBytes(small);
    Fuzz.bytes(
        bytes -> {
          AtomicLong left = new AtomicLong();
          byte[] whole = through(bytes, 8_192, left);
          assertThat(through(bytes, 1, new AtomicLong())).isEqualTo(whole);
          assertThat(whole.length + left.get()).isLessThanOrEqualTo(bytes.length + 5);
          return whole.length > 0;
        },
        small,
        large.toByteArray());
  }

  private static byte[] through(byte[] bytes, int chunk, AtomicLong left) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PacketLimit in =
        new PacketLimit(
            new ByteArrayInputStream(bytes), MOST, (size, messageId) -> left.addAndGet(size));
    byte[] buffer = new byte[chunk];
    try {
      for (int count; (count = in.read(buffer, 0, chunk)) >= 0; ) {
        assertThat(count).isPositive();
        out.write(buffer, 0, count);
      }
    } catch (IOException e) {
      assertThat(String.valueOf(e.getMessage())).matches("null|the broker sent a .*");
    }
    return out.toByteArray();
  }
}
