package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/dependencies.md lists the jars in target/lib; tools/dependencies regenerates the page. */
class DependenciesTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\S+-\\d\\S*) \\|");

  @Test
  void theListIsUpToDate() throws Exception {
    List<String> listed =
        ROW.matcher(Files.readString(Path.of("docs/dependencies.md")))
            .results()
            .map((MatchResult row) -> row.group(1) + ".jar")
            .toList();
    try (Stream<Path> jars = Files.list(Path.of("target/lib"))) {
      assertThat(listed)
          .as("run tools/dependencies")
          .containsExactlyInAnyOrderElementsOf(
              jars.map(jar -> jar.getFileName().toString()).toList());
    }
  }
}
