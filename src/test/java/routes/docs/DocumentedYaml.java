package routes.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** YAML blocks: route files pass {@code check}, and Prometheus rules use metrics that exist. */
final class DocumentedYaml {
  private static final Pattern ROUTE = Pattern.compile("(?m)^- route:\n    id: (\\S+)$");
  private static final Pattern METRIC = Pattern.compile("\\b(bus|collector|mqtt)_[a-z_]+");

  private DocumentedYaml() {}

  static void check(Block block, Path copy, Session session) throws Exception {
    assertThat(new Load(LoadSettings.builder().build()).loadFromString(block.text())).isNotNull();
    Matcher route = ROUTE.matcher(block.text());
    if (route.find()) {
      checkRoute(block, copy, session, route.group(1));
    } else {
      String metrics = MetricsTables.own();
      METRIC
          .matcher(block.text())
          .results()
          .forEach(metric -> assertThat(metrics).contains("`" + metric.group() + "`"));
    }
  }

  private static void checkRoute(Block block, Path copy, Session session, String id)
      throws Exception {
    Path folder = Files.createTempDirectory(copy, "yaml");
    write(folder, id, block.text());
    Map<String, String> settings = Map.of("GATEWAYS", "mqtt", "MQTT_URL", "tcp://127.0.0.1:1883");
    String command = "./run check " + copy.relativize(folder);
    try (Terminal check = session.start(copy, settings, command)) {
      int exit = check.exit(60);
      List<String> output = check.output();
      assertThat(exit).as(String.join("\n", output)).isZero();
      assertThat(output).anyMatch(line -> line.matches(".*/" + id + "\\.camel\\.yaml +OK"));
    }
  }

  private static void write(Path folder, String id, String text) throws IOException {
    Files.writeString(folder.resolve(id + ".camel.yaml"), text);
  }
}
