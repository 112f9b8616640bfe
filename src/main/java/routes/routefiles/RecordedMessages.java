package routes.routefiles;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import routes.link.MqttExchange;
import routes.link.MqttMessage;

/** The messages that a route would send, recorded in a test. */
final class RecordedMessages {
  /**
   * A message.
   *
   * @param destination component, colon, address: nats:alerts.edge-1
   */
  record Sent(String destination, String body, Map<String, String> headers) {}

  private static final String MQTT = "paho-mqtt5:";
  private static final int LARGEST = 16 << 20;

  private final List<Sent> sent = new ArrayList<>();
  private final Map<String, String> replies;

  /**
   * @param replies bodies by destination
   */
  RecordedMessages(Map<String, String> replies) {
    this.replies = replies;
  }

  synchronized List<Sent> sent() {
    return List.copyOf(sent);
  }

  /** Records the exchange's message, and sets the reply if there is one for the destination. */
  void record(String destination, Exchange exchange) {
    Message message = exchange.getMessage();
    Map<String, String> headers = headers(message);
    String actual = destination;
    if (destination.startsWith(MQTT)) {
      MqttMessage published =
          MqttExchange.message(exchange, destination.substring(MQTT.length()), 1, false);
      actual = MQTT + published.topic();
      if (published.properties().contentType() != null) {
        headers.put("Content-Type", published.properties().contentType());
      }
      published.properties().user().forEach(pair -> headers.put(pair.getKey(), pair.getValue()));
    }
    String reply = record(new Sent(actual, text(message), headers));
    if (reply != null) {
      message.setBody(reply.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Returns the reply, or null. */
  synchronized String record(Sent message) {
    sent.add(message);
    return replies.get(message.destination());
  }

  static Map<String, String> headers(Message message) {
    Map<String, String> headers = new LinkedHashMap<>();
    message.getHeaders().forEach((name, value) -> headers.put(name, String.valueOf(value)));
    return headers;
  }

  /** The body, decompressed if it is gzip. */
  static String text(Message message) {
    byte[] bytes = message.getBody(byte[].class);
    if (bytes == null) {
      return message.getBody() == null ? "" : message.getBody(String.class);
    }
    try (InputStream gzip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return new String(gzip.readNBytes(LARGEST), StandardCharsets.UTF_8);
    } catch (IOException e) { // not gzip
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
