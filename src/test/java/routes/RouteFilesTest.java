package routes;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules for route files, over every file in routes-yaml/. */
class RouteFilesTest {
  private static final Path DIRECTORY = Path.of("routes-yaml");
  private static final String TEST = ".test.yaml";
  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\{\\{(?!bean:\\w+\\.\\w+}})[?!]?([^}:]+)(:[^}]*)?}}");

  /**
   * A broker sends commands or a desired state only if their topic is set. The defaults are for
   * copies of the file: the settings of their gateway do not exist until it is enabled.
   */
  private static final String HAS_COMMANDS = " && '{{mqtt.commands:}}{{mqtt.desired:}}' != ''";

  /** The commands that are permitted by default. */
  private static final Set<String> ALLOWED =
      Set.of("serve-command-ping", "serve-command-sample", "serve-command-collect-period");

  private static final Map<String, String> GROUPS =
      Map.of(
          "collect", "collectors",
          "commands", "commands",
          "gateway", "gateways",
          "serve", "servers");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static JsonSchema schema;
  private static Set<String> settings;

  @BeforeAll
  static void readSchemaAndSettings() throws IOException {
    try (InputStream in = RouteFilesTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
      schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(in);
    }
    Properties properties = new Properties();
    try (var in = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
      properties.load(in);
    }
    settings = properties.stringPropertyNames();
  }

  static Stream<Path> files() throws IOException {
    return Files.list(DIRECTORY).filter(file -> !file.toString().endsWith(TEST)).sorted();
  }

  static Stream<Path> testFiles() throws IOException {
    return Files.list(DIRECTORY).filter(file -> file.toString().endsWith(TEST));
  }

  static Stream<Path> routeFiles() throws IOException {
    return files().filter(file -> !name(file).startsWith("on-"));
  }

  static Stream<Path> inventoryFiles() throws IOException {
    return files().filter(file -> name(file).matches("gateway-.*-inventory"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void hasARouteFileName(Path file) {
    assertThat(file.getFileName().toString()).matches("[a-z]+(-[a-z0-9]+)+\\.camel\\.yaml");
  }

  @ParameterizedTest
  @MethodSource("files")
  void isValidAgainstCamelsSchema(Path file) throws IOException {
    assertThat(schema.validate(YAML.readTree(file.toFile()))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("files")
  void beginsWithACommentThatDescribesIt(Path file) throws IOException {
    assertThat(Files.readAllLines(file).get(0)).startsWith("# ");
  }

  @ParameterizedTest
  @MethodSource("files")
  void usesOnlyKnownSettings(Path file) throws IOException {
    String text = Files.readString(file);
    Set<String> used =
        PLACEHOLDER.matcher(text).results().map((MatchResult r) -> r.group(1)).collect(toSet());
    assertThat(settings).containsAll(used);
    assertThat(PLACEHOLDER.matcher(text.replace(HAS_COMMANDS, "")).results().map(r -> r.group(2)))
        .as("defaults belong only in application.properties")
        .allMatch(Objects::isNull);
  }

  @ParameterizedTest
  @MethodSource("routeFiles")
  void containsOneRouteNamedLikeTheFile(Path file) throws IOException {
    JsonNode items = YAML.readTree(file.toFile());
    assertThat(items).hasSize(1);
    assertThat(items.get(0).path("route").path("id").asText()).isEqualTo(name(file));
  }

  @ParameterizedTest
  @MethodSource("routeFiles")
  void hasADescriptionAndAGroup(Path file) throws IOException {
    JsonNode route = YAML.readTree(file.toFile()).get(0).path("route");
    assertThat(route.path("description").asText()).isNotBlank();
    String kind = name(file).substring(0, name(file).indexOf('-'));
    assertThat(route.path("group").asText()).isEqualTo(GROUPS.get(kind));
  }

  @ParameterizedTest
  @MethodSource("routeFiles")
  void runsOnlyIfItsGatewayOrCommandIsEnabled(Path file) throws IOException {
    JsonNode route = YAML.readTree(file.toFile()).get(0).path("route");
    if (name(file).matches("(gateway|commands)-.*")) {
      String gateway = name(file).split("-")[1];
      String more = name(file).equals("commands-mqtt") ? HAS_COMMANDS : "";
      assertThat(route.path("precondition").asText())
          .isEqualTo("'" + gateway + "' in '{{gateways}}'" + more);
    } else if (name(file).startsWith("serve-command-") && !ALLOWED.contains(name(file))) {
      String command = name(file).replace("serve-command-", "");
      assertThat(route.path("precondition").asText())
          .isEqualTo(
              "'%s' in '{{commands.allow}}' || '*' in '{{commands.allow}}'".formatted(command));
    } else {
      assertThat(route.has("precondition")).isFalse();
    }
  }

  /** The newest inventory may be older than an hour, where a new gateway starts by default. */
  @ParameterizedTest
  @MethodSource("inventoryFiles")
  void forwardsTheInventoryHoweverOldItIs(Path file) throws IOException {
    JsonNode from = YAML.readTree(file.toFile()).get(0).path("route").path("from");
    assertThat(from.path("parameters").path("deliverPolicy").asText()).isEqualTo("all");
  }

  /** A second instance is a copy of the file with the name replaced. */
  @ParameterizedTest
  @MethodSource("routeFiles")
  void usesTheGatewayNameOnlyForTheGateway(Path file) throws IOException {
    if (name(file).matches("(gateway|commands)-.*")) {
      String gateway = name(file).split("-")[1];
      List<String> lines =
          Files.readAllLines(file).stream()
              .filter(line -> !line.strip().startsWith("#"))
              .map(line -> line.replaceAll("paho-mqtt5|google-pubsub|pubsubEndpoint:", ""))
              .toList();
      assertThat(lines).noneMatch(line -> line.contains("$" + gateway));
      assertThat(lines.stream().map(line -> line.replaceAll("\\b" + gateway + "\\b", "")))
          .noneMatch(line -> line.contains(gateway));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void hasARowInTheReference(Path file) throws IOException {
    assertThat(Files.readString(Path.of("docs/reference.md"))).contains("| `" + name(file) + "` |");
  }

  @ParameterizedTest
  @MethodSource("testFiles")
  void aTestFileNamesTheCommandThatRunsIt(Path file) throws IOException {
    assertThat(Files.readAllLines(file).get(0)).isEqualTo("# ./run test " + file);
  }

  @Test
  void thereAreRouteFiles() throws IOException {
    assertThat(routeFiles()).isNotEmpty();
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".camel.yaml", "");
  }
}
