package routes.sandbox.aws;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rule with an S3 action, whose bucket is a folder: one object per message, under a key from a
 * template. {@code SELECT *} alone stores any payload unchanged, except a JSON string, which AWS's
 * SQL cannot read. With further columns the payload has to be a JSON object. A failed message goes
 * to the error action, as a line of {@code errors.jsonl} in the folder; the device does not learn
 * of it.
 *
 * @see <a href="https://docs.aws.amazon.com/iot/latest/developerguide/binary-payloads.html">Binary
 *     payloads</a>
 * @see <a href="https://docs.aws.amazon.com/iot/latest/developerguide/s3-rule-action.html">S3
 *     action</a>
 * @see <a
 *     href="https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html">Error
 *     handling</a>
 */
final class TopicRule {
  static final String ERRORS = "errors.jsonl";

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_]{1,128}");
  private static final Pattern SQL =
      Pattern.compile("SELECT\\s+(.+?)\\s+FROM\\s+'([^']+)'", Pattern.CASE_INSENSITIVE);
  private static final Pattern COLUMN =
      Pattern.compile("(.+?)\\s+AS\\s+(\\w+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern SUBSTITUTION = Pattern.compile("\\$\\{([^}]*)}");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private record Column(String expression, String name) {}

  private final String name;
  private final String filter;
  private final List<Column> columns = new ArrayList<>();
  private final String key;
  private final Path bucket;

  /**
   * @param sql {@code SELECT *, expression AS name FROM 'filter'}
   * @param key the template of the objects' keys
   * @throws IllegalArgumentException for a name that AWS refuses, and for other SQL
   */
  TopicRule(String name, String sql, String key, Path bucket) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("a rule's name is letters, digits and _: " + name);
    }
    Matcher statement = SQL.matcher(sql.strip());
    if (!statement.matches()) {
      throw new IllegalArgumentException("unknown SQL: " + sql);
    }
    this.name = name;
    this.filter = statement.group(2);
    this.key = key;
    this.bucket = bucket;
    // A comma within brackets does not separate columns.
    for (String column : statement.group(1).split(",(?![^()]*\\))")) {
      Matcher named = COLUMN.matcher(column.strip());
      if (named.matches()) {
        columns.add(new Column(named.group(1), named.group(2)));
      } else if (!column.strip().equals("*")) {
        throw new IllegalArgumentException("unknown SQL: " + column);
      }
    }
  }

  /**
   * Reads the first S3 action of a payload of {@code aws iot create-topic-rule
   * --topic-rule-payload}.
   */
  static TopicRule of(String name, String payload, Path bucket) throws IOException {
    JsonNode rule = JSON.readTree(payload);
    String key = rule.path("actions").path(0).path("s3").path("key").asText();
    return new TopicRule(name, rule.path("sql").asText(), key, bucket);
  }

  String name() {
    return name;
  }

  /** Whether the rule selects this topic. */
  boolean selects(String topic) {
    return AwsTopicName.matches(filter, topic);
  }

  /**
   * @param topic without the prefix of Basic Ingest
   */
  void run(String topic, String clientId, byte[] payload) {
    try {
      JsonNode json = json(payload);
      if (json.isTextual()) {
        throw new IllegalArgumentException("the payload is a JSON string");
      }
      ObjectNode object = json instanceof ObjectNode whole ? whole : JSON.createObjectNode();
      long now = System.currentTimeMillis();
      RuleMessage message = new RuleMessage(topic, clientId, now, object.deepCopy());
      if (columns.isEmpty()) {
        write(key(message), payload);
        return;
      }
      if (object != json) {
        throw new IllegalArgumentException("the payload is not a JSON object");
      }
      for (Column column : columns) {
        object.set(column.name(), RuleExpression.evaluate(column.expression(), message));
      }
      write(key(message), JSON.writeValueAsBytes(object));
    } catch (IOException | RuntimeException e) {
      fail(topic, clientId, payload, e);
    }
  }

  /** A missing node for a payload that is not JSON: to AWS it is binary. */
  private static JsonNode json(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  private String key(RuleMessage message) {
    return SUBSTITUTION
        .matcher(key)
        .replaceAll(
            found -> {
              JsonNode value = RuleExpression.evaluate(found.group(1), message);
              if (value.isMissingNode()) {
                throw new IllegalArgumentException("undefined: " + found.group());
              }
              return Matcher.quoteReplacement(value.asText());
            });
  }

  /** An object that exists is overwritten, as S3 does. */
  private void write(String key, byte[] object) throws IOException {
    Path file = bucket.resolve(key).normalize();
    if (!file.startsWith(bucket)) {
      throw new IllegalArgumentException("the key leaves the bucket: " + key);
    }
    Files.createDirectories(file.getParent());
    Files.write(file, object);
  }

  private void fail(String topic, String clientId, byte[] payload, Exception why) {
    ObjectNode error = JSON.createObjectNode();
    error.put("ruleName", name).put("topic", topic).put("clientId", clientId);
    error.put("base64OriginalPayload", Base64.getEncoder().encodeToString(payload));
    error
        .putArray("failures")
        .addObject()
        .put("failedAction", "S3Action")
        .put("failedResource", bucket.getFileName().toString())
        .put("errorMessage", why.getMessage());
    try {
      Files.createDirectories(bucket);
      Files.writeString(
          bucket.resolve(ERRORS),
          error + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
