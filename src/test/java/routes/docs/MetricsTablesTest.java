package routes.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/reference.md has the metrics that the meters register, and no others. */
class MetricsTablesTest {
  @Test
  void referenceListsEveryHostMetric() throws IOException {
    assertThat(section("metrics host"))
        .as("to update it, run tools/reference")
        .isEqualTo(MetricsTables.host());
  }

  @Test
  void referenceListsEveryRuntimeMetric() throws IOException {
    assertThat(section("metrics own"))
        .as("to update it, run tools/reference")
        .isEqualTo(MetricsTables.own());
  }

  private static String section(String name) throws IOException {
    String page = Files.readString(Path.of("docs/reference.md"));
    String begin = "<!-- " + name + " -->\n";
    return page.substring(
        page.indexOf(begin) + begin.length(), page.indexOf("<!-- /" + name + " -->"));
  }
}
