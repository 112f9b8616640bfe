package routes.link;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * What a broker sends without the messages that are too large. Paho makes an array of the size that
 * a packet's head announces, up to 256 MB, before it reads or checks anything; here such a message
 * is read past, and the connection stays.
 */
final class PacketLimit extends InputStream {
  private static final int PUBLISH = 3;
  private static final int QOS = 6;

  private final InputStream in;
  private final int most;
  private final Left left;
  private final byte[] head = new byte[5];
  private int headLength;
  private int headRead;
  private long body;

  /** Is told of the bytes of a message, and its packet identifier: 0 with QoS 0. */
  @FunctionalInterface
  interface Left {
    void out(long bytes, int messageId);
  }

  /**
   * @param most bytes of the largest packet, its head included (MQTT 5, 2.1.4)
   * @param left told of each message that was left out
   */
  PacketLimit(InputStream in, int most, Left left) {
    this.in = in;
    this.most = most;
    this.left = left;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (headRead == headLength && body == 0 && !nextPacket()) {
      return -1;
    }
    if (headRead < headLength) {
      int count = Math.min(length, headLength - headRead);
      System.arraycopy(head, headRead, bytes, offset, count);
      headRead += count;
      return count;
    }
    int count = in.read(bytes, offset, (int) Math.min(length, body));
    body -= Math.max(count, 0);
    return count;
  }

  /** Reads the head of the next packet that is let through; false at the end of the stream. */
  private boolean nextPacket() throws IOException {
    while (true) {
      int first = in.read();
      if (first < 0) {
        return false;
      }
      headRead = 0;
      head[0] = (byte) first;
      body = remainingLength();
      if (headLength + body <= most) {
        return true;
      }
      if (first >> 4 != PUBLISH) {
        throw new IOException(
            "the broker sent a packet of type " + (first >> 4) + " of " + body + " bytes");
      }
      long size = headLength + body;
      int messageId = skipMessage((first & QOS) > 0);
      left.out(size, messageId);
    }
  }

  /** Reads past a topic, a packet identifier if there is one, and the rest. */
  private int skipMessage(boolean identified) throws IOException {
    int messageId = 0;
    if (identified) {
      int topic = in.read() << 8 | in.read();
      body -= topic + 4;
      if (topic < 0 || body < 0) {
        throw new IOException("the broker sent a malformed packet: its topic is longer than it");
      }
      in.skipNBytes(topic);
      messageId = in.read() << 8 | in.read();
    }
    in.skipNBytes(body);
    body = 0;
    return messageId;
  }

  /** A variable byte integer (MQTT 5, 1.5.5). */
  private long remainingLength() throws IOException {
    long value = 0;
    headLength = 1;
    int digit;
    do {
      if (headLength == head.length) {
        throw new IOException("the broker sent a malformed packet: its length has no end");
      }
      digit = in.read();
      if (digit < 0) {
        throw new EOFException();
      }
      value |= (long) (digit & 0x7F) << 7 * (headLength - 1);
      head[headLength++] = (byte) digit;
    } while (digit >= 0x80);
    return value;
  }

  @Override
  public int available() throws IOException {
    return headLength - headRead + in.available();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
