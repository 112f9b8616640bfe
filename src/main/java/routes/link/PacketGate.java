package routes.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Passes the broker's packets to Netty's decoder, except those after which the decoder would
 * discard everything else. These are messages that are too large, messages with a wildcard in their
 * topic, and MQTT 3.1.1 CONNACKs, which may contain any return code. PUBACKs without a reason are
 * decoded here, because there is one for each message and Netty's decoder is slow.
 */
final class PacketGate extends ByteToMessageDecoder {
  private static final int CONNACK = 2;
  private static final int PUBLISH = 3;
  private static final int PUBACK = 4;

  /** The first two bytes of a PUBACK that consists of a packet identifier. */
  private static final int SHORT_PUBACK = PUBACK << 12 | 2;

  private static final int SHORT_LENGTH = 4;
  private static final int LONGEST_HEAD = 5;
  private static final int ENDLESS = -2;

  /**
   * A message that was left out.
   *
   * @param id its packet identifier; 0 with QoS 0
   * @param topic null for a message that is too large
   */
  record LeftOut(long bytes, int id, String topic) {}

  /** A PUBACK whose reason is success. */
  record Puback(int id) {}

  /** An MQTT 3.1.1 CONNACK. */
  record ReturnCode(int code) {}

  private final int largest;
  private long skip;
  private LeftOut skipped;
  private int headLength;
  private boolean ended;

  /**
   * @param largest bytes of the largest packet, its head included (MQTT 5, 2.1.4)
   */
  PacketGate(int largest) {
    this.largest = largest;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws IOException {
    if (ended) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (skip == 0 && isShortPuback(in, in.readerIndex())) {
      out.add(new Puback(in.getUnsignedShort(in.readerIndex() + 2)));
      in.skipBytes(SHORT_LENGTH);
      return;
    }
    int good = skip > 0 ? 0 : goodPackets(in);
    if (good > 0) {
      out.add(in.readRetainedSlice(good));
    } else if (good == 0 && skip == 0) {
      other(in, out);
    }
    if (skip > 0) {
      int count = (int) Math.min(skip, in.readableBytes());
      in.skipBytes(count);
      skip -= count;
      if (skip == 0) {
        out.add(skipped);
      }
    }
  }

  /** Identifier 0 is left to Netty's decoder, which rejects it. */
  private static boolean isShortPuback(ByteBuf in, int at) {
    return in.writerIndex() - at >= SHORT_LENGTH
        && in.getUnsignedShort(at) == SHORT_PUBACK
        && in.getUnsignedShort(at + 2) != 0;
  }

  /**
   * Returns the bytes of the leading packets that may pass; 0 if the first one may not, -1 if it is
   * incomplete.
   */
  private int goodPackets(ByteBuf in) throws IOException {
    int good = 0;
    while (true) {
      int at = in.readerIndex() + good;
      long length = length(in, at);
      if (good > 0 && length < 0) {
        return good;
      }
      if (length == ENDLESS) {
        throw malformed("invalid remaining length");
      }
      if (length < 0) {
        return -1;
      }
      long size = headLength + length;
      int type = in.getUnsignedByte(at) >> 4;
      if (size > largest || type == CONNACK && length == 2) {
        return good;
      }
      if (good > 0 && isShortPuback(in, at)) {
        return good;
      }
      if (size > in.writerIndex() - at) {
        return good == 0 ? -1 : good;
      }
      if (type == PUBLISH && wildcard(in, at + headLength, (int) length)) {
        return good;
      }
      good += (int) size;
    }
  }

  /** The remaining length of the packet at an index (MQTT 5, 1.5.5); -1 while it is incomplete. */
  private long length(ByteBuf in, int at) {
    long value = 0;
    for (headLength = 1; headLength < LONGEST_HEAD; ) {
      if (at + headLength >= in.writerIndex()) {
        return -1;
      }
      int digit = in.getUnsignedByte(at + headLength);
      value |= (long) (digit & 0x7F) << 7 * (headLength - 1);
      headLength++;
      if (digit < 0x80) {
        return value;
      }
    }
    return ENDLESS;
  }

  private static boolean wildcard(ByteBuf in, int at, int length) {
    int topic = length < 2 ? 0 : Math.min(in.getUnsignedShort(at), length - 2);
    return in.indexOf(at + 2, at + 2 + topic, (byte) '+') >= 0
        || in.indexOf(at + 2, at + 2 + topic, (byte) '#') >= 0;
  }

  /** Handles the first packet, which may not pass. */
  private void other(ByteBuf in, List<Object> out) throws IOException {
    int at = in.readerIndex();
    long length = length(in, at);
    long size = headLength + length;
    int first = in.getUnsignedByte(at);
    if (size <= largest && size > in.readableBytes()) {
      return;
    }
    if (first >> 4 == CONNACK && length == 2) {
      out.add(new ReturnCode(in.getUnsignedByte(at + 3)));
      in.skipBytes(4);
      return;
    }
    if (first >> 4 != PUBLISH) {
      ended = true;
      throw new IOException(
          "the broker sent a type " + (first >> 4) + " packet of " + length + " bytes");
    }
    message(in, at + headLength, length, size, (first & 6) > 0);
  }

  private void message(ByteBuf in, int at, long length, long size, boolean identified)
      throws IOException {
    if (in.writerIndex() - at < 2) {
      return;
    }
    int topic = in.getUnsignedShort(at);
    if (topic + (identified ? 4 : 2) > length) {
      throw malformed("its topic is longer than the packet");
    }
    if (in.writerIndex() - at < topic + (identified ? 4 : 2)) {
      return;
    }
    int id = identified ? in.getUnsignedShort(at + 2 + topic) : 0;
    String name = size > largest ? null : in.toString(at + 2, topic, StandardCharsets.UTF_8);
    skipped = new LeftOut(size, id, name);
    skip = size;
  }

  private IOException malformed(String why) {
    ended = true;
    return new IOException("the broker sent a malformed packet: " + why);
  }
}
