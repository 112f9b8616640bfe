package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** target/bom.json, created by mvn -Psbom verify, lists the jars in target/lib. */
class SbomTest {
  private static final Path BOM = Path.of("target/bom.json");

  @Test
  void listsEveryJarAndNothingElse() throws Exception {
    assumeThat(BOM).as("created by mvn -Psbom verify").exists();
    JsonNode bom = new ObjectMapper().readTree(BOM.toFile());
    Set<String> listed = new TreeSet<>();
    for (JsonNode component : bom.path("components")) {
      String purl = component.path("purl").asText();
      String classifier =
          purl.contains("classifier=") ? purl.replaceAll(".*classifier=([^&]+).*", "-$1") : "";
      listed.add(
          component.path("name").asText()
              + "-"
              + component.path("version").asText()
              + classifier
              + ".jar");
      assertThat(component.path("hashes")).as(purl).isNotEmpty();
    }
    try (Stream<Path> jars = Files.list(Path.of("target/lib"))) {
      List<String> lib = jars.map(jar -> jar.getFileName().toString()).collect(Collectors.toList());
      assertThat(listed).containsExactlyInAnyOrderElementsOf(lib);
    }
    assertThat(bom.has("serialNumber")).isFalse();
  }
}
