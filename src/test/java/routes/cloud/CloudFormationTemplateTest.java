package routes.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.constructor.StandardConstructor;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import routes.sandbox.aws.SandboxAws;

/** cloud/aws/template.yaml is self-contained and creates the same resources as cloud/aws/setup. */
class CloudFormationTemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FILE = Path.of("cloud/aws/template.yaml");

  /** Replaces short forms by CloudFormation's long ones: {"Ref": ...}, {"Fn::Sub": ...}. */
  private JsonNode template;

  @TempDir Path root;

  private static final class Intrinsics extends StandardConstructor {
    Intrinsics(LoadSettings settings) {
      super(settings);
      for (String name : List.of("Ref", "Sub", "GetAtt", "If", "Equals")) {
        String key = name.equals("Ref") ? name : "Fn::" + name;
        tagConstructors.put(
            new Tag("!" + name),
            new ConstructNode() {
              @Override
              public Object construct(Node node) {
                if (node instanceof ScalarNode scalar) {
                  return Map.of(key, scalar.getValue());
                }
                node.setTag(Tag.SEQ);
                return Map.of(key, tagConstructors.get(Tag.SEQ).construct(node));
              }
            });
      }
    }
  }

  @BeforeEach
  void load() throws IOException {
    LoadSettings settings = LoadSettings.builder().build();
    template =
        JSON.valueToTree(
            new Load(settings, new Intrinsics(settings)).loadFromString(Files.readString(FILE)));
  }

  @Test
  void referencesOnlyWhatItDefines() {
    Set<String> known = new HashSet<>(Set.of("AWS::Region", "AWS::AccountId"));
    template.get("Parameters").fieldNames().forEachRemaining(known::add);
    Set<String> resources = new HashSet<>();
    template.get("Resources").fieldNames().forEachRemaining(resources::add);
    known.addAll(resources);

    List<String> references = new ArrayList<>();
    for (JsonNode ref : template.findValues("Ref")) {
      references.add(ref.asText());
    }
    for (JsonNode sub : template.findValues("Fn::Sub")) {
      Matcher name = Pattern.compile("\\$\\{([^!}]+)}").matcher(sub.asText());
      while (name.find()) {
        references.add(name.group(1).replaceFirst("\\.Arn$", ""));
      }
    }
    for (JsonNode attribute : template.findValues("Fn::GetAtt")) {
      assertThat(attribute.asText()).endsWith(".Arn");
      assertThat(resources).contains(attribute.asText().replaceFirst("\\.Arn$", ""));
    }
    assertThat(references).hasSizeGreaterThan(20);
    assertThat(known).containsAll(references);
    template
        .findValues("Condition")
        .forEach(
            condition -> {
              if (condition.isTextual()) {
                assertThat(template.get("Conditions").has(condition.asText())).isTrue();
              }
            });
  }

  /** Every parameter is used. */
  @Test
  void usesEachParameter() throws IOException {
    String text = Files.readString(FILE);
    template
        .get("Parameters")
        .fieldNames()
        .forEachRemaining(
            name -> assertThat(text).containsPattern("!Ref " + name + "\\b|\\$\\{" + name + "}"));
  }

  @Test
  void hasTheDocumentedPolicy() throws IOException {
    String expected =
        Files.readString(Path.of("docs/aws-policy.json"))
            .replace("REGION", "${AWS::Region}")
            .replace("ACCOUNT", "${AWS::AccountId}")
            .replace("device_metrics", "${RuleName}")
            .replace("${iot:", "${!iot:");
    assertThat(substituted(template.at("/Resources/Policy/Properties/PolicyDocument")))
        .isEqualTo(JSON.readTree(expected));
  }

  @Test
  void createsTheSameRuleRoleAndBucketAsTheScript() throws IOException {
    CloudSetup setup = new CloudSetup(root, "aws", "--region", "eu-central-1");
    setup.create();
    Map<String, String> values = new LinkedHashMap<>();
    values.put("${AWS::Region}", "eu-central-1");
    values.put("${AWS::AccountId}", "123456789012");
    values.put("${RuleName}", "device_metrics");
    values.put("${Errors}", "device_metrics-errors");
    values.put("${Bucket.Arn}", "arn:aws:s3:::device-metrics-123456789012-eu-central-1");
    JsonNode resources = template.get("Resources");

    JsonNode rule = resources.at("/Rule/Properties/TopicRulePayload");
    JsonNode made = argument(setup, "create-topic-rule", "--topic-rule-payload");
    assertThat(rule.get("Sql")).isEqualTo(made.get("sql"));
    assertThat(rule.get("Sql").asText()).isEqualTo(SandboxAws.SQL);
    assertThat(rule.at("/Actions/0/S3/Key").asText()).isEqualTo(SandboxAws.KEY);
    assertThat(rule.get("AwsIotSqlVersion")).isEqualTo(made.get("awsIotSqlVersion"));
    assertThat(rule.at("/Actions/0/S3/Key")).isEqualTo(made.at("/actions/0/s3/key"));
    assertThat(rule.at("/ErrorAction/CloudwatchLogs/RoleArn/Fn::GetAtt").asText())
        .isEqualTo("Role.Arn");

    assertThat(filled(resources.at("/Role/Properties/AssumeRolePolicyDocument"), values))
        .isEqualTo(argument(setup, "create-role", "--assume-role-policy-document"));
    assertThat(filled(resources.at("/Role/Properties/Policies/0/PolicyDocument"), values))
        .isEqualTo(argument(setup, "put-role-policy", "--policy-document"));
    resources
        .at("/Bucket/Properties/PublicAccessBlockConfiguration")
        .forEach(blocked -> assertThat(blocked.asBoolean()).isTrue());
  }

  private static JsonNode argument(CloudSetup setup, String command, String option)
      throws IOException {
    String call =
        setup.calls("make").stream()
            .filter(line -> line.contains(command))
            .findFirst()
            .orElseThrow();
    List<String> words = setup.shell("printf '%s\\n' " + call).lines().toList();
    return JSON.readTree(words.get(words.indexOf(option) + 1));
  }

  private static JsonNode substituted(JsonNode node) throws IOException {
    return JSON.readTree(
        node.toString()
            .replaceAll("\\{\"Fn::Sub\":(\"(?:[^\"\\\\]|\\\\.)*\")}", "$1")
            .replaceAll("\\{\"Ref\":\"([^\"]*)\"}", "\"\\${$1}\""));
  }

  private static JsonNode filled(JsonNode node, Map<String, String> values) throws IOException {
    String text = substituted(node).toString();
    for (Map.Entry<String, String> value : values.entrySet()) {
      text = text.replace(value.getKey(), value.getValue());
    }
    return JSON.readTree(text);
  }
}
