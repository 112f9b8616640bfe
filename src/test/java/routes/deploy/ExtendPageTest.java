package routes.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The commands in docs/extend.md that copy route files. */
@EnabledOnOs(OS.LINUX)
class ExtendPageTest {
  private static final Path PAGE = Path.of("docs/extend.md");

  @TempDir Path folder;
  private String page;

  @BeforeEach
  void copyRoutes() throws IOException {
    page = Files.readString(PAGE);
    Path routes = Files.createDirectory(folder.resolve("routes-yaml"));
    for (Path file : routes(Path.of("routes-yaml"))) {
      Files.copy(file, routes.resolve(file.getFileName()));
    }
  }

  private static List<Path> routes(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".camel.yaml")).sorted().toList();
    }
  }

  /** Runs the lines of the page from the one with this beginning to the one with this end. */
  private void run(String from, String to) throws Exception {
    Matcher command =
        Pattern.compile("(?ms)^" + Pattern.quote(from) + ".*?" + Pattern.quote(to) + "$")
            .matcher(page);
    assertThat(command.find()).isTrue();
    Process bash =
        new ProcessBuilder("bash", "-euc", command.group())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(output).isZero();
  }

  private void assertCopies(String word, int count) throws IOException {
    List<Path> copies =
        routes(folder.resolve("routes-yaml")).stream()
            .filter(file -> file.toString().contains(word))
            .toList();
    assertThat(copies).hasSize(count);
    for (Path copy : copies) {
      String id = copy.getFileName().toString().replace(".camel.yaml", "");
      assertThat(Files.readString(copy))
          .contains("    id: " + id + "\n")
          .contains("'" + word + "'")
          .doesNotContainPattern("'" + word.replaceFirst("-.*", "") + "'");
    }
  }

  @Test
  void copiesTheRouteFileOfASecondBroker() throws Exception {
    run("sed 's/\\bmqtt\\b", "gateway-mqtt-plant.camel.yaml");
    assertCopies("mqtt-plant", 1);
    assertThat(Files.readString(folder.resolve("routes-yaml/gateway-mqtt-plant.camel.yaml")))
        .contains("uri: paho-mqtt5\n");
  }

  @Test
  void copiesEachRouteFileOfASecondAccount() throws Exception {
    run("for file in", "\ndone");
    assertCopies("aws-eu", 3);
  }
}
