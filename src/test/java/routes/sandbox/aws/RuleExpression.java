package routes.sandbox.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * An expression of AWS IoT's SQL: a string, a path into the payload, or one of the functions topic,
 * timestamp, clientid, newuuid and parse_time.
 *
 * @see <a href="https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html">SQL
 *     functions</a>
 */
final class RuleExpression {
  private final String text;
  private final RuleMessage message;
  private int at;

  private RuleExpression(String text, RuleMessage message) {
    this.text = text;
    this.message = message;
  }

  /**
   * @return a missing node if the payload lacks it
   * @throws IllegalArgumentException for anything else
   */
  static JsonNode evaluate(String text, RuleMessage message) {
    RuleExpression expression = new RuleExpression(text.strip(), message);
    JsonNode value = expression.value();
    if (expression.at != expression.text.length()) {
      throw new IllegalArgumentException("unknown SQL: " + text);
    }
    return value;
  }

  private JsonNode value() {
    char first = peek();
    if (first == '"' || first == '\'') {
      int end = text.indexOf(first, at + 1);
      String string = text.substring(at + 1, end);
      at = end + 1;
      return TextNode.valueOf(string);
    }
    if (Character.isDigit(first)) {
      return LongNode.valueOf(Long.parseLong(word()));
    }
    String name = word();
    if (peek() != '(') {
      return message.payload().at("/" + name.replace('.', '/'));
    }
    return call(name, arguments());
  }

  private String word() {
    int start = at;
    while (Character.isLetterOrDigit(peek()) || peek() == '_' || peek() == '.') {
      at++;
    }
    return text.substring(start, at);
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private List<JsonNode> arguments() {
    List<JsonNode> arguments = new ArrayList<>();
    at++;
    while (peek() != ')') {
      if (peek() == ',' || peek() == ' ') {
        at++;
      } else if (peek() == 0) {
        throw new IllegalArgumentException("a bracket is open: " + text);
      } else {
        int before = at;
        arguments.add(value());
        if (at == before) {
          throw new IllegalArgumentException("unknown SQL: " + text);
        }
      }
    }
    at++;
    return arguments;
  }

  private JsonNode call(String name, List<JsonNode> arguments) {
    return switch (name) {
      case "topic" -> TextNode.valueOf(arguments.isEmpty() ? message.topic() : level(arguments));
      case "timestamp" -> LongNode.valueOf(message.timestamp());
      case "clientid" -> TextNode.valueOf(message.clientId());
      case "newuuid" -> TextNode.valueOf(UUID.randomUUID().toString());
      case "parse_time" -> TextNode.valueOf(time(arguments));
      default -> throw new IllegalArgumentException("unknown function: " + name);
    };
  }

  private String level(List<JsonNode> arguments) {
    return message.topic().split("/", -1)[arguments.get(0).asInt() - 1];
  }

  private static String time(List<JsonNode> arguments) {
    ZoneId zone = ZoneId.of(arguments.size() > 2 ? arguments.get(2).asText() : "UTC");
    return DateTimeFormatter.ofPattern(arguments.get(0).asText())
        .format(Instant.ofEpochMilli(arguments.get(1).asLong()).atZone(zone));
  }
}
