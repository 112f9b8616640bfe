package routes.routefiles;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import routes.routefiles.RecordedMessages.Sent;
import routes.routefiles.RouteCase.Expected;
import routes.uplink.Json;

/**
 * A reason why a case fails.
 *
 * @param expected null, as is {@code actual}, if {@code what} is the complete reason
 */
record Difference(String what, String expected, String actual) {
  private static final String NONE = "none";

  /** Compares all destinations; a message to one that is not expected is a difference too. */
  static List<Difference> between(Map<String, List<Expected>> expected, List<Sent> sent) {
    Map<String, List<Sent>> actual = new LinkedHashMap<>();
    sent.forEach(
        message ->
            actual.computeIfAbsent(message.destination(), any -> new ArrayList<>()).add(message));
    Set<String> destinations = new LinkedHashSet<>(expected.keySet());
    destinations.addAll(actual.keySet());
    List<Difference> differences = new ArrayList<>();
    for (String destination : destinations) {
      List<Expected> wanted = expected.getOrDefault(destination, List.of());
      List<Sent> found = actual.getOrDefault(destination, List.of());
      for (int i = 0; i < Math.max(wanted.size(), found.size()); i++) {
        String what = destination + ", message " + (i + 1);
        if (i >= found.size()) {
          differences.add(new Difference(what, shown(wanted.get(i)), NONE));
        } else if (i >= wanted.size()) {
          differences.add(new Difference(what, NONE, found.get(i).body()));
        } else {
          compare(what, wanted.get(i), found.get(i), differences);
        }
      }
    }
    return differences;
  }

  private static String shown(Expected message) {
    if (message.text() != null) {
      return message.text();
    }
    if (message.json() != null) {
      return message.json().toString();
    }
    if (message.pattern() != null) {
      return "matches " + message.pattern();
    }
    return message.part() == null ? "any" : "contains " + text(message.part());
  }

  private static void compare(
      String what, Expected expected, Sent sent, List<Difference> differences) {
    String body = sent.body();
    if (expected.text() != null && !expected.text().equals(body)) {
      differences.add(new Difference(what + ": body", expected.text(), body));
    }
    if (expected.json() != null) {
      compareJson(what, expected.json(), body, false, differences);
    }
    if (expected.part() != null && expected.part().isContainerNode()) {
      compareJson(what, expected.part(), body, true, differences);
    } else if (expected.part() != null && !body.contains(text(expected.part()))) {
      differences.add(new Difference(what + ": body", shown(expected), body));
    }
    if (expected.pattern() != null
        && !Pattern.compile(expected.pattern(), Pattern.DOTALL).matcher(body).matches()) {
      differences.add(new Difference(what + ": body", shown(expected), body));
    }
    expected
        .headers()
        .forEach(
            (name, value) -> {
              String actual = sent.headers().getOrDefault(name, NONE);
              if (!value.equals(actual)) {
                differences.add(new Difference(what + ": header " + name, value, actual));
              }
            });
  }

  private static void compareJson(
      String what, JsonNode expected, String body, boolean part, List<Difference> differences) {
    JsonNode actual = Json.read(body.getBytes(StandardCharsets.UTF_8)).orElse(null);
    if (actual == null || actual.isMissingNode()) {
      differences.add(new Difference(what + ": body", expected.toString(), body));
    } else {
      compare(what + ": body", expected, actual, part, differences);
    }
  }

  private static void compare(
      String path, JsonNode expected, JsonNode actual, boolean part, List<Difference> differences) {
    if (expected.isObject() && actual.isObject()) {
      Set<String> names = new LinkedHashSet<>();
      expected.fieldNames().forEachRemaining(names::add);
      if (!part) {
        actual.fieldNames().forEachRemaining(names::add);
      }
      for (String name : names) {
        compare(path + "." + name, expected.path(name), actual.path(name), part, differences);
      }
    } else if (expected.isArray() && actual.isArray() && expected.size() == actual.size()) {
      for (int i = 0; i < expected.size(); i++) {
        compare(path + "[" + i + "]", expected.get(i), actual.get(i), part, differences);
      }
    } else if (!same(expected, actual)) {
      differences.add(new Difference(path, json(expected), json(actual)));
    }
  }

  private static boolean same(JsonNode one, JsonNode two) {
    return one.isNumber() && two.isNumber()
        ? one.decimalValue().compareTo(two.decimalValue()) == 0
        : one.equals(two);
  }

  private static String json(JsonNode node) {
    return node.isMissingNode() ? NONE : node.toString();
  }

  private static String text(JsonNode node) {
    return node.isContainerNode() ? node.toString() : node.asText();
  }
}
