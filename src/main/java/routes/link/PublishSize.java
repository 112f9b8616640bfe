package routes.link;

import io.netty.buffer.ByteBufUtil;
import java.util.Locale;
import java.util.Map;
import routes.link.Failure.Kind;
import routes.link.MqttMessage.Properties;

/**
 * The size of a PUBLISH packet in bytes (MQTT 5, 3.3).
 *
 * @param properties without their length; 0 in MQTT 3.1.1
 * @param rest the remaining length: everything after the fixed header
 */
record PublishSize(long properties, long rest) {
  private static final int LONGEST = 65_535;

  /**
   * Measures the packet of a message.
   *
   * @param five whether the packet contains the message's properties
   */
  static PublishSize of(MqttMessage message, boolean five) {
    long properties = five ? properties(message.properties()) : 0;
    long rest =
        2L
            + ByteBufUtil.utf8Bytes(message.topic())
            + (message.qos() > 0 ? 2 : 0)
            + (five ? variable(properties) + properties : 0)
            + message.payload().length;
    return new PublishSize(properties, rest);
  }

  /** The size of the whole packet. */
  long packet() {
    return 1 + variable(rest) + rest;
  }

  private static long properties(Properties properties) {
    long size = properties.utf8() ? 2 : 0;
    size += properties.expiry() == null ? 0 : 5;
    size += text(properties.contentType(), 1) + text(properties.responseTopic(), 1);
    size += properties.correlationData() == null ? 0 : 3 + properties.correlationData().length;
    for (Map.Entry<String, String> pair : properties.user()) {
      size += text(pair.getKey(), 1) + text(pair.getValue(), 0);
    }
    return size;
  }

  private static long text(String text, int identifier) {
    return text == null ? 0 : identifier + 2 + ByteBufUtil.utf8Bytes(text);
  }

  /** The size of a variable byte integer (MQTT 5, 1.5.5). */
  private static int variable(long value) {
    return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
  }

  /**
   * Checks that a PUBLISH packet can carry a message.
   *
   * @throws Failure for a message on which the broker would close the connection
   */
  static void check(MqttMessage message) throws Failure {
    String topic = message.topic();
    if (topic == null || topic.isEmpty() || topic.indexOf('+') >= 0 || topic.indexOf('#') >= 0) {
      throw new Failure(Kind.REFUSED, "not a topic to publish to: \"" + topic + "\"");
    }
    check(topic);
    if (message.qos() < 0 || message.qos() > 2) {
      throw refused("QoS " + message.qos());
    }
    Properties properties = message.properties();
    if (properties != Properties.NONE) {
      check(properties.contentType());
      check(properties.responseTopic());
      if (properties.correlationData() != null && properties.correlationData().length > LONGEST) {
        throw refused("correlation data longer than " + LONGEST + " bytes");
      }
      for (Map.Entry<String, String> pair : properties.user()) {
        check(pair.getKey());
        check(pair.getValue());
      }
    }
  }

  private static void check(String text) throws Failure {
    if (text == null) {
      return;
    }
    if (text.length() > LONGEST / 3 && ByteBufUtil.utf8Bytes(text) > LONGEST) {
      throw refused("text longer than " + LONGEST + " bytes");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' && !allowed(text.codePointAt(i))) {
        throw refused(String.format(Locale.ROOT, "text with U+%04X", (int) c));
      }
      if (Character.isHighSurrogate(c)) {
        i++;
      }
    }
  }

  /** MQTT 5, 1.5.4. */
  private static boolean allowed(int c) {
    return !Character.isISOControl(c)
        && Character.getType(c) != Character.SURROGATE
        && (c & 0xFFFE) != 0xFFFE
        && (c < 0xFDD0 || c > 0xFDEF);
  }

  private static Failure refused(String what) {
    return new Failure(Kind.REFUSED, "not a valid MQTT message: " + what);
  }
}
