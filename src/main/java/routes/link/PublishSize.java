package routes.link;

import io.netty.buffer.ByteBufUtil;
import java.util.Locale;
import java.util.Map;
import routes.link.Failure.Kind;
import routes.link.MqttMessage.Properties;

/** Checks that a PUBLISH packet can carry a message, and measures the packet (MQTT 5, 3.3). */
final class PublishSize {
  private static final int LONGEST = 65_535;

  private PublishSize() {}

  /**
   * Bytes of the packet.
   *
   * @param five whether it holds the message's properties
   */
  static long of(MqttMessage message, boolean five) {
    long rest =
        2L
            + ByteBufUtil.utf8Bytes(message.topic())
            + (message.qos() > 0 ? 2 : 0)
            + message.payload().length;
    if (five) {
      long properties = properties(message.properties());
      rest += variable(properties) + properties;
    }
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

  /** Bytes of a variable byte integer (MQTT 5, 1.5.5). */
  private static int variable(long value) {
    return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
  }

  /**
   * @throws Failure for a message that the broker would answer with the end of the connection
   */
  static void check(MqttMessage message) throws Failure {
    String topic = message.topic();
    if (topic == null || topic.isEmpty() || topic.indexOf('+') >= 0 || topic.indexOf('#') >= 0) {
      throw new Failure(Kind.REFUSED, "no topic to publish to: \"" + topic + "\"");
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
        throw refused("correlation data of more than " + LONGEST + " bytes");
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
      throw refused("a text of more than " + LONGEST + " bytes");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' && !allowed(text.codePointAt(i))) {
        throw refused(String.format(Locale.ROOT, "a text with U+%04X", (int) c));
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
    return new Failure(Kind.REFUSED, "MQTT can't carry it: " + what);
  }
}
