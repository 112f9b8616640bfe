package routes.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import routes.link.MqttMessage.Properties;

/**
 * Encodes PUBLISH packets (MQTT 5, 3.3) and writes many at once. A packet object, a buffer and a
 * write for each, as with Netty's encoder, take longer than everything else on the event loop. Used
 * on the event loop only.
 */
final class PublishBatch {
  /** Bytes written at once; a larger packet is written alone, without copying its payload here. */
  private static final int ROOM = 16 << 10;

  private static final int PUBLISH = 3 << 4;
  private static final int PAYLOAD_FORMAT = 1;
  private static final int EXPIRY = 2;
  private static final int CONTENT_TYPE = 3;
  private static final int RESPONSE_TOPIC = 8;
  private static final int CORRELATION_DATA = 9;
  private static final int USER_PROPERTY = 38;

  private final Channel channel;
  private final boolean five;
  private final byte[] batch = new byte[ROOM];
  private int length;
  private ByteBuf large;

  /** Where the current packet is encoded. */
  private byte[] to;

  private int at;

  /**
   * @param five whether packets contain their message's properties
   */
  PublishBatch(Channel channel, boolean five) {
    this.channel = channel;
    this.five = five;
  }

  /**
   * Adds a message; {@link #write} has to follow.
   *
   * @param id packet identifier; 0 with QoS 0
   */
  void add(MqttMessage message, PublishSize size, int id) {
    long packet = size.packet();
    if (large != null || length + packet > ROOM) {
      write();
    }
    byte[] payload = message.payload();
    if (packet > ROOM) {
      to = new byte[(int) packet - payload.length];
      at = 0;
      head(message, size, id);
      large = Unpooled.wrappedBuffer(to, payload);
    } else {
      to = batch;
      at = length;
      head(message, size, id);
      bytes(payload);
      length = at;
    }
  }

  /** Writes what was added. */
  void write() {
    write(channel.voidPromise());
  }

  /**
   * Writes what was added.
   *
   * @param written completed once it is on its way
   */
  void write(ChannelPromise written) {
    if (large != null) {
      channel.write(large, written);
      large = null;
    } else if (length > 0) {
      channel.write(channel.alloc().directBuffer(length).writeBytes(batch, 0, length), written);
      length = 0;
    }
  }

  private void head(MqttMessage message, PublishSize size, int id) {
    to[at++] = (byte) (PUBLISH | message.qos() << 1 | (message.retain() ? 1 : 0));
    variable((int) size.rest());
    text(message.topic());
    if (message.qos() > 0) {
      number(id, 2);
    }
    if (five) {
      variable((int) size.properties());
      properties(message.properties());
    }
  }

  private void properties(Properties properties) {
    text(CONTENT_TYPE, properties.contentType());
    if (properties.utf8()) {
      to[at++] = PAYLOAD_FORMAT;
      to[at++] = 1;
    }
    if (properties.expiry() != null) {
      to[at++] = EXPIRY;
      number(properties.expiry(), 4);
    }
    text(RESPONSE_TOPIC, properties.responseTopic());
    if (properties.correlationData() != null) {
      to[at++] = CORRELATION_DATA;
      number(properties.correlationData().length, 2);
      bytes(properties.correlationData());
    }
    for (Map.Entry<String, String> pair : properties.user()) {
      text(USER_PROPERTY, pair.getKey());
      text(pair.getValue());
    }
  }

  private void text(int property, String text) {
    if (text != null) {
      to[at++] = (byte) property;
      text(text);
    }
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    number(utf8.length, 2);
    bytes(utf8);
  }

  private void bytes(byte[] bytes) {
    System.arraycopy(bytes, 0, to, at, bytes.length);
    at += bytes.length;
  }

  private void number(long value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      to[at++] = (byte) (value >> shift);
    }
  }

  /** A variable byte integer (MQTT 5, 1.5.5). */
  private void variable(int value) {
    int rest = value;
    for (; rest > 0x7F; rest >>= 7) {
      to[at++] = (byte) (rest | 0x80);
    }
    to[at++] = (byte) rest;
  }
}
