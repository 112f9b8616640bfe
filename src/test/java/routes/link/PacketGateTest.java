package routes.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacketGateTest {
  private static final String PINGRESP = "d000";
  private static final String PUBACK_WITH_REASON = "4003000510";
  private static final String INVALID_PUBACK = "40020000";

  private final EmbeddedChannel channel = new EmbeddedChannel(new PacketGate(1 << 20));

  @Test
  void decodesPubacksWithoutReasonInTheirOrder() {
    assertThat(
            passed("40020001" + PINGRESP + "40020002" + "4002ffff" + PUBACK_WITH_REASON + PINGRESP))
        .containsExactly(
            new PacketGate.Puback(1),
            PINGRESP,
            new PacketGate.Puback(2),
            new PacketGate.Puback(65_535),
            PUBACK_WITH_REASON + PINGRESP);
  }

  @Test
  void decodesPubacksThatArriveInPieces() {
    assertThat(passed("4002")).isEmpty();
    assertThat(passed("00")).isEmpty();
    assertThat(passed("0340")).containsExactly(new PacketGate.Puback(3));
    assertThat(passed("020004")).containsExactly(new PacketGate.Puback(4));
  }

  @Test
  void leavesAnInvalidPubackToTheDecoder() {
    assertThat(passed(INVALID_PUBACK)).containsExactly(INVALID_PUBACK);
  }

  private List<Object> passed(String hex) {
    channel.writeInbound(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    List<Object> passed = new ArrayList<>();
    for (Object next; (next = channel.readInbound()) != null; ) {
      if (next instanceof ByteBuf bytes) {
        passed.add(ByteBufUtil.hexDump(bytes));
        bytes.release();
      } else {
        passed.add(next);
      }
    }
    return passed;
  }
}
