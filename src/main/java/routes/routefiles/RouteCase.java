package routes.routefiles;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One case of a test file.
 *
 * @param line the line on which the case begins
 * @param settings override the defaults
 * @param replies by destination
 * @param expected messages, by destination
 */
record RouteCase(
    String name,
    int line,
    Map<String, String> settings,
    List<Input> input,
    Map<String, String> replies,
    Map<String, List<Expected>> expected) {

  /**
   * A step of a case: a message, a tick of the route's timer, or time that passes.
   *
   * @param subject subject or topic; null for that of the route
   * @param body null for none
   * @param advance null for a message or a tick
   * @param error part of the error with which the step must fail; null if it must succeed
   */
  record Input(
      int line,
      String subject,
      Map<String, String> headers,
      String body,
      Duration advance,
      String error) {}

  /**
   * An expected message. Parts that are null are not compared.
   *
   * @param text the exact body
   * @param json the body as JSON
   * @param part JSON whose fields the body must have, or a text that the body must contain
   * @param pattern a regular expression for the whole body
   */
  record Expected(
      String text, JsonNode json, JsonNode part, String pattern, Map<String, String> headers) {}

  /** The reply to a request, among the destinations. */
  static final String REPLY = "reply";
}
