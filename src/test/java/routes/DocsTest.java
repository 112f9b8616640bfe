package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** README.md and docs/: links, generated settings, and quotations from other files. */
class DocsTest {
  private static final Path README = Path.of("README.md");
  private static final Path REFERENCE = Path.of("docs/reference.md");
  private static final Pattern CODE = Pattern.compile("(?ms)^( *)```.*?^\\1```$|`[^`\n]*`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  private static Stream<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(README, Path.of("CONTRIBUTING.md")));
    pages.add(Path.of("cloud/README.md"));
    try (Stream<Path> files = Files.walk(Path.of("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages.stream();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linksPointToExistingFilesAndHeadings(Path page) throws IOException {
    for (String link : groups(LINK, CODE.matcher(Files.readString(page)).replaceAll(""))) {
      if (link.matches("[a-z]+:.*")) {
        continue;
      }
      String[] parts = link.split("#", 2);
      Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
      assertThat(target).as(link).exists();
      if (parts.length > 1) {
        assertThat(anchors(target)).as(link).contains(parts[1]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("clouds")
  void destinationsHaveTheSameHeadings(Path page) throws IOException {
    assertThat(groups(Pattern.compile("(?m)^## (.*)$"), Files.readString(page)))
        .containsExactly(
            "Prerequisites",
            "Set-up",
            "Settings",
            "Limits enforced",
            "Tested against",
            "Not tested");
  }

  private static Stream<Path> clouds() throws IOException {
    return pages().filter(page -> page.startsWith("docs/connect"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void settingsTableMatchesApplicationProperties() throws Exception {
    Process print =
        new ProcessBuilder("tools/reference", "--settings").redirectErrorStream(true).start();
    String settings = new String(print.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(print.waitFor()).as(settings).isZero();
    assertThat(section("settings")).as("to update it, run tools/reference").isEqualTo(settings);
  }

  private static String section(String name) throws IOException {
    String page = Files.readString(REFERENCE);
    String begin = "<!-- " + name + " -->\n";
    return page.substring(
        page.indexOf(begin) + begin.length(), page.indexOf("<!-- /" + name + " -->"));
  }

  @Test
  void referenceListsEverySetting() throws IOException {
    Properties settings = new Properties();
    try (InputStream in =
        Files.newInputStream(Path.of("src/main/resources/application.properties"))) {
      settings.load(in);
    }
    assertThat(settings.stringPropertyNames()).isNotEmpty();
    String reference = Files.readString(REFERENCE);
    assertThat(settings.stringPropertyNames())
        .allSatisfy(key -> assertThat(reference).contains("`" + key + "`"));
  }

  @Test
  void readmeShowsAShippedRouteFile() throws IOException {
    String file = Files.readString(Path.of("routes-yaml/gateway-mqtt.camel.yaml"));
    assertThat(Files.readString(README))
        .contains("```yaml\n" + file.replaceAll("(?m)^#.*\n", "") + "```");
  }

  /** README's figures are also in docs/operate.md. */
  @Test
  void readmeQuotesTheMeasurements() throws IOException {
    List<String> rows =
        groups(Pattern.compile("(?m)^(\\|[^|]*\\| [\\d.]+ \\|.*\\|)$"), Files.readString(README));
    assertThat(rows).hasSize(3);
    assertThat(Files.readAllLines(Path.of("docs/operate.md"))).containsAll(rows);
  }

  @Test
  void readmeQuotesTheFaultSuite() throws IOException {
    String text = Files.readString(Path.of("docs/reliability.md"));
    String table =
        text.substring(text.indexOf("<!-- faults -->"), text.indexOf("<!-- /faults -->"));
    int[] sums = new int[4];
    for (String line : table.split("\n")) {
      String[] cells = line.split(" *\\| *");
      if (cells.length > 6 && cells[3].matches("\\d+")) {
        sums[0]++;
        sums[1] += Integer.parseInt(cells[3]); // samples in
        sums[2] += Integer.parseInt(cells[5]); // lost
        sums[3] += Integer.parseInt(cells[6]); // duplicates
      }
    }
    assertThat(Files.readString(README).replace('\n', ' '))
        .contains(
            "of %d samples in %d runs, **%d were lost**, and there were %d duplicate deliveries"
                .formatted(sums[1], sums[0], sums[2], sums[3]));
  }

  private static List<String> groups(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).toList();
  }

  /** The anchors that GitHub generates for headings. */
  private static Set<String> anchors(Path page) throws IOException {
    String text =
        Pattern.compile("(?ms)^```.*?^```$").matcher(Files.readString(page)).replaceAll("");
    Set<String> anchors = new HashSet<>();
    HEADING
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .map(heading -> heading.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .forEach(anchors::add);
    return anchors;
  }
}
