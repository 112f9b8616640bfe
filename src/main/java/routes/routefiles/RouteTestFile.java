package routes.routefiles;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.camel.util.TimeUtils;
import routes.routefiles.RouteCase.Expected;
import routes.routefiles.RouteCase.Input;
import routes.routefiles.YamlPart.Invalid;
import routes.settings.Nearest;

/**
 * The cases of a test file, {@code x.test.yaml}, for the route file {@code x.camel.yaml} beside it.
 */
record RouteTestFile(Path file, Path route, List<RouteCase> cases) {
  static final String SUFFIX = ".test.yaml";

  private static final String TICK = "tick";
  private static final String NONE = "none";
  private static final Pattern TIME = Pattern.compile("(\\d{1,9}(d|h|m|s|ms))+");

  private static final List<String> FILE_KEYS = List.of("settings", "cases");
  private static final List<String> CASE_KEYS =
      List.of("name", "settings", "input", "replies", "expect");
  private static final List<String> INPUT_KEYS =
      List.of("subject", "topic", "headers", "body", TICK, "advance", "error");
  private static final List<String> EXPECTED_KEYS =
      List.of("body", "contains", "matches", "headers");

  static RouteTestFile read(Path file) throws Invalid {
    Map<String, YamlPart> fields = YamlPart.read(file).fields(FILE_KEYS);
    Map<String, String> common = texts(fields.get("settings"));
    List<RouteCase> cases = new ArrayList<>();
    for (YamlPart part : list(fields.get("cases"))) {
      cases.add(routeCase(part, common));
    }
    if (cases.isEmpty()) {
      throw new Invalid(file, 0, "contains no case; add one below cases:");
    }
    return new RouteTestFile(file, route(file), cases);
  }

  private static Path route(Path file) throws Invalid {
    String name = file.getFileName().toString().replace(SUFFIX, RouteFolder.SUFFIX);
    Path route = file.resolveSibling(name);
    if (Files.isRegularFile(route)) {
      return route;
    }
    String[] beside =
        file.toAbsolutePath()
            .getParent()
            .toFile()
            .list((folder, other) -> other.endsWith(RouteFolder.SUFFIX));
    String hint = Nearest.hint(name, beside == null ? List.of() : List.of(beside));
    throw new Invalid(file, 0, "there is no route file " + name + " beside it" + hint);
  }

  private static RouteCase routeCase(YamlPart part, Map<String, String> common) throws Invalid {
    Map<String, YamlPart> fields = part.fields(CASE_KEYS);
    for (String needed : List.of("name", "input", "expect")) {
      if (!fields.containsKey(needed)) {
        throw part.invalid("the case has no " + needed);
      }
    }
    Map<String, String> settings = new TreeMap<>(common);
    settings.putAll(texts(fields.get("settings")));
    List<Input> input = new ArrayList<>();
    for (YamlPart item : list(fields.get("input"))) {
      input.add(input(item));
    }
    Map<String, String> replies = new LinkedHashMap<>();
    for (Map.Entry<String, YamlPart> reply : map(fields.get("replies")).entrySet()) {
      replies.put(reply.getKey(), reply.getValue().textOrJson());
    }
    return new RouteCase(
        fields.get("name").text(),
        part.line(),
        settings,
        input,
        replies,
        expected(fields.get("expect")));
  }

  private static Input input(YamlPart part) throws Invalid {
    if (part.isText()) {
      if (!part.text().equals(TICK)) {
        throw part.invalid("unknown input \"" + part.text() + "\"; use tick, advance or a message");
      }
      return new Input(part.line(), null, Map.of(), null, null, null);
    }
    Map<String, YamlPart> fields = part.fields(INPUT_KEYS);
    YamlPart advance = fields.get("advance");
    boolean message = fields.keySet().stream().anyMatch(INPUT_KEYS.subList(0, 4)::contains);
    if (message && (advance != null || fields.containsKey(TICK))) {
      throw part.invalid("an input is either a message, tick or advance");
    }
    if (fields.containsKey("subject") && fields.containsKey("topic")) {
      throw part.invalid("use either subject or topic");
    }
    YamlPart body = fields.get("body");
    YamlPart subject = fields.getOrDefault("subject", fields.get("topic"));
    return new Input(
        part.line(),
        subject == null ? null : subject.text(),
        texts(fields.get("headers")),
        body == null ? null : body.textOrJson(),
        advance == null ? null : duration(advance),
        fields.containsKey("error") ? fields.get("error").text() : null);
  }

  private static Duration duration(YamlPart part) throws Invalid {
    if (!TIME.matcher(part.text()).matches()) {
      throw part.invalid(
          "advance: \"" + part.text() + "\" is not a time; use a value such as 500ms, 30s or 1h");
    }
    return TimeUtils.toDuration(part.text());
  }

  private static Map<String, List<Expected>> expected(YamlPart part) throws Invalid {
    Map<String, List<Expected>> expected = new LinkedHashMap<>();
    if (part.isText() && part.text().equals(NONE)) {
      return expected;
    }
    for (Map.Entry<String, YamlPart> destination : part.fields().entrySet()) {
      List<Expected> messages = new ArrayList<>();
      YamlPart value = destination.getValue();
      if (!value.isText() || !value.text().equals(NONE)) {
        for (YamlPart message : value.items()) {
          messages.add(message(message));
        }
      }
      expected.put(destination.getKey(), messages);
    }
    return expected;
  }

  private static Expected message(YamlPart part) throws Invalid {
    Map<String, YamlPart> fields = part.fields(EXPECTED_KEYS);
    YamlPart body = fields.get("body");
    YamlPart contains = fields.get("contains");
    YamlPart matches = fields.get("matches");
    if (matches != null) {
      try {
        Pattern.compile(matches.text());
      } catch (PatternSyntaxException e) {
        throw matches.invalid("matches is not a regular expression: " + e.getDescription());
      }
    }
    return new Expected(
        body == null || !body.isText() ? null : body.text(),
        body == null || body.isText() ? null : body.json(),
        contains == null ? null : contains.json(),
        matches == null ? null : matches.text(),
        texts(fields.get("headers")));
  }

  private static List<YamlPart> list(YamlPart part) throws Invalid {
    return part == null ? List.of() : part.items();
  }

  private static Map<String, YamlPart> map(YamlPart part) throws Invalid {
    return part == null ? Map.of() : part.fields();
  }

  private static Map<String, String> texts(YamlPart part) throws Invalid {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, YamlPart> field : map(part).entrySet()) {
      texts.put(field.getKey(), field.getValue().text());
    }
    return texts;
  }
}
