package routes.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayOutputStream;
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

  /** For any input, no packet exceeds the limit, and no other bytes are lost or invented. */
  @Test
  void packets() {
    ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    try {
      passOrAreLeftOut();
    } finally {
      ResourceLeakDetector.setLevel(level);
    }
  }

  private static void passOrAreLeftOut() {
    byte[] small = {0x30, 3, 0, 1, 't', 0x40, 2, 0, 1, (byte) 0xD0, 0};
    ByteArrayOutputStream large = new ByteArrayOutputStream();
    large.writeBytes(new byte[] {0x32, (byte) 0xD0, 0x0F});
    large.writeBytes(new byte[2_000]);
    large.writeBytes(small);
    Fuzz.bytes(
        bytes -> {
          AtomicLong left = new AtomicLong();
          byte[] whole = through(bytes, 8_192, left);
          assertThat(through(bytes, bytes.length > 5_000 ? 97 : 1, new AtomicLong()))
              .isEqualTo(whole);
          assertThat(whole.length + left.get()).isLessThanOrEqualTo(bytes.length + 5);
          return whole.length > 0;
        },
        small,
        large.toByteArray());
  }

  private static byte[] through(byte[] bytes, int chunk, AtomicLong left) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EmbeddedChannel channel = new EmbeddedChannel(new PacketGate(MOST));
    try {
      for (int from = 0; from < bytes.length; from += chunk) {
        int count = Math.min(chunk, bytes.length - from);
        channel.writeInbound(Unpooled.copiedBuffer(bytes, from, count));
        read(channel, out, left);
      }
    } catch (DecoderException e) {
      assertThat(String.valueOf(e.getCause().getMessage())).matches("the broker sent a .*");
      read(channel, out, left);
    }
    try {
      channel.finishAndReleaseAll();
    } catch (DecoderException e) {
      // the rest at the end
    }
    return out.toByteArray();
  }

  private static void read(EmbeddedChannel channel, ByteArrayOutputStream out, AtomicLong left) {
    for (Object next; (next = channel.readInbound()) != null; ) {
      if (next instanceof ByteBuf packets) {
        out.writeBytes(ByteBufUtil.getBytes(packets));
        packets.release();
      } else if (next instanceof PacketGate.LeftOut message) {
        left.addAndGet(message.bytes());
      } else {
        left.addAndGet(4);
      }
    }
  }
}
