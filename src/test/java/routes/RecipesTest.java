package routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules for recipes, over every file in recipes/. */
@Tag("slow")
class RecipesTest {
  private static final Path RECIPES = Path.of("recipes");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  static Stream<Path> files() throws IOException {
    return Files.list(RECIPES).filter(file -> file.toString().endsWith(".camel.yaml")).sorted();
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".camel.yaml", "");
  }

  @ParameterizedTest
  @MethodSource("files")
  void beginsWithThreeLinesOfComment(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    assertThat(lines.subList(0, 3)).allMatch(line -> line.matches("# .{20,101}"));
    assertThat(lines.get(3)).isEqualTo("- route:");
  }

  @ParameterizedTest
  @MethodSource("files")
  void containsOneRouteNamedLikeTheFile(Path file) throws IOException {
    JsonNode items = YAML.readTree(file.toFile());
    assertThat(items).hasSize(1);
    assertThat(items.at("/0/route/id").asText()).isEqualTo(name(file));
    assertThat(items.at("/0/route/description").asText()).isNotBlank();
    assertThat(items.at("/0/route/group").asText()).isIn("collectors", "edge", "gateways");
    assertThat(Path.of("routes-yaml").resolve(file.getFileName())).doesNotExist();
  }

  @ParameterizedTest
  @MethodSource("files")
  void isValidAgainstCamelsSchema(Path file) throws IOException {
    try (InputStream in = RecipesTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
      JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(in);
      assertThat(schema.validate(YAML.readTree(file.toFile()))).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void isListedInTheDocumentation(Path file) throws IOException {
    assertThat(Files.readString(Path.of("docs/extend.md")))
        .contains("| [" + name(file) + "](../recipes/" + file.getFileName() + ") |");
  }

  /** Runs with every gateway of the recipes enabled. */
  @Test
  void passTheCheckTogetherWithTheShippedRoutes(@TempDir Path folder) throws IOException {
    RoutesYaml.copyTo(folder);
    List<Path> recipes = files().toList();
    for (Path file : recipes) {
      Files.copy(file, folder.resolve(file.getFileName()));
    }
    List<String> gateways =
        recipes.stream()
            .map(RecipesTest::name)
            .filter(name -> name.startsWith("gateway-mqtt"))
            .map(name -> name.substring("gateway-".length()))
            .collect(Collectors.toList());
    Map<String, String> settings = new HashMap<>();
    settings.put("device.id", "edge-1");
    settings.put("gateways", String.join(",", gateways));
    gateways.forEach(gateway -> settings.put(gateway + ".url", "tcp://" + gateway + ":1883"));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8);
    int code = EdgeRuntime.check(List.of(folder.toString()), settings, out, out);
    assertThat(output.toString(StandardCharsets.UTF_8)).doesNotContain("warning");
    assertThat(code).as(output.toString(StandardCharsets.UTF_8)).isZero();
  }
}
