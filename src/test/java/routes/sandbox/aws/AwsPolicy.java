package routes.sandbox.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A policy document of AWS IoT Core. What is not allowed is denied, and Deny overrides Allow. In
 * actions and resources {@code *} and {@code ?} are wildcards; MQTT's + and # are not. A variable
 * without a value matches nothing.
 *
 * @see <a href="https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html">AWS IoT
 *     Core policies</a>
 */
final class AwsPolicy {
  private static final int LONGEST = 2_048;
  private static final Set<String> KNOWN = Set.of("Sid", "Effect", "Action", "Resource");
  private static final Pattern SPECIAL = Pattern.compile("\\$\\{([^}]*)}|\\*|\\?");

  private record Statement(boolean allow, List<String> actions, List<String> resources) {
    boolean applies(String action, String resource, Map<String, String> variables) {
      return actions.stream().anyMatch(pattern -> matches(pattern, action, Map.of()))
          && resources.stream().anyMatch(pattern -> matches(pattern, resource, variables));
    }
  }

  private final List<Statement> statements;

  private AwsPolicy(List<Statement> statements) {
    this.statements = statements;
  }

  /**
   * @throws IllegalArgumentException for what AWS would refuse, and for conditions, which are not
   *     supported
   */
  static AwsPolicy parse(String json) {
    if (json.replaceAll("\\s", "").length() > LONGEST) {
      throw new IllegalArgumentException("a policy has at most 2048 characters");
    }
    JsonNode document;
    try {
      document = new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new IllegalArgumentException("a policy is JSON", e);
    }
    if (!document.path("Version").asText().equals("2012-10-17")) {
      throw new IllegalArgumentException("a policy's Version is 2012-10-17");
    }
    List<Statement> statements = new ArrayList<>();
    for (JsonNode statement : document.path("Statement")) {
      statement
          .fieldNames()
          .forEachRemaining(
              name -> {
                if (!KNOWN.contains(name)) {
                  throw new IllegalArgumentException("unknown in a statement: " + name);
                }
              });
      String effect = statement.path("Effect").asText();
      if (!effect.equals("Allow") && !effect.equals("Deny")) {
        throw new IllegalArgumentException("Effect is Allow or Deny");
      }
      statements.add(
          new Statement(
              effect.equals("Allow"),
              texts(statement.path("Action")),
              texts(statement.path("Resource"))));
    }
    return new AwsPolicy(statements);
  }

  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isTextual()) {
      texts.add(node.asText());
    }
    node.forEach(item -> texts.add(item.asText()));
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("a statement has Action and Resource");
    }
    return texts;
  }

  /**
   * @param action such as iot:Publish
   * @param resource as an ARN
   * @param variables by name, as iot:ClientId
   */
  boolean allows(String action, String resource, Map<String, String> variables) {
    boolean allowed = false;
    for (Statement statement : statements) {
      if (statement.applies(action, resource, variables)) {
        if (!statement.allow()) {
          return false;
        }
        allowed = true;
      }
    }
    return allowed;
  }

  private static boolean matches(String pattern, String text, Map<String, String> variables) {
    StringBuilder regex = new StringBuilder();
    Matcher special = SPECIAL.matcher(pattern);
    int from = 0;
    while (special.find()) {
      regex.append(Pattern.quote(pattern.substring(from, special.start())));
      from = special.end();
      if (special.group(1) == null) {
        regex.append(special.group().equals("*") ? ".*" : ".");
      } else if (variables.containsKey(special.group(1))) {
        regex.append(Pattern.quote(variables.get(special.group(1))));
      } else {
        return false;
      }
    }
    regex.append(Pattern.quote(pattern.substring(from)));
    return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
  }
}
