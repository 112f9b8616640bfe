package routes.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.NatsOperator;
import routes.NatsServer;
import routes.host.EveryHostMeter;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxMqtt;

/**
 * The files in monitoring/ use only metrics and labels of a real scrape, and promtool accepts them.
 */
@Tag("slow")
@Timeout(180)
class MonitoringTest {
  private static final Path ALERTS = Path.of("monitoring/alerts.yml");
  private static final Path TESTS = Path.of("monitoring/alerts.test.yml");
  private static final Path DASHBOARD = Path.of("monitoring/dashboard.json");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern TEXT_LABEL = Pattern.compile("\\{\\{ *\\$labels\\.(\\w+)");
  private static final Pattern LEGEND_LABEL = Pattern.compile("\\{\\{(\\w+)}}");

  private static final Pattern DELIVERED = Pattern.compile("bus_delivered_total\\{.*} [1-9].*");

  /** Metrics that a machine without sensors, such as a virtual one, does not have. */
  private static final Pattern ABSENT_HERE = Pattern.compile("hw_.*");

  @RegisterExtension static final NatsServer NATS = new NatsServer();
  @TempDir static Path folder;
  private static SandboxMqtt broker;
  private static RuntimeProcess runtime;
  private static Scrape scrape;

  @BeforeAll
  static void scrape() throws Exception {
    broker = new SandboxMqtt(folder.resolve("mqtt"));
    broker.start(0);
    // NATS requires none; its expiry is what the alert for certificates needs.
    Path credentials =
        Files.writeString(folder.resolve("creds"), new NatsOperator().user("edge-1"));
    runtime =
        RuntimeProcess.start(
            Map.of(
                "DEVICE_ID",
                "edge-1",
                "NATS_SERVERS",
                NATS.url(),
                "NATS_CREDENTIALS",
                credentials.toString(),
                "COLLECT_PERIOD",
                "200ms",
                "DATA_DIRECTORY",
                folder.resolve("data").toString(),
                "GATEWAYS",
                "mqtt",
                "MQTT_URL",
                broker.url()));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                runtime.get("/metrics").body().lines().anyMatch(DELIVERED.asMatchPredicate())
                    && runtime.get("/metrics").body().contains("\nbus_backlog{"));
    PrometheusMeterRegistry recorded = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    EveryHostMeter.register(recorded);
    String sensors =
        recorded
            .scrape()
            .lines()
            .filter(line -> ABSENT_HERE.matcher(line).matches())
            .collect(Collectors.joining("\n"));
    scrape = new Scrape(runtime.get("/metrics").body(), sensors);
  }

  @AfterAll
  static void stop() {
    if (runtime != null) {
      runtime.close();
    }
    broker.close();
  }

  private static List<JsonNode> rules() {
    List<JsonNode> rules = new ArrayList<>();
    Yaml.read(ALERTS).get("groups").forEach(group -> group.get("rules").forEach(rules::add));
    return rules;
  }

  private static Set<String> labels(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult label) -> label.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void alertsUseMetricsAndLabelsThatExist() throws Exception {
    assertThat(rules()).hasSizeGreaterThan(5);
    for (JsonNode rule : rules()) {
      Set<String> shown = labels(TEXT_LABEL, rule.get("annotations").toString());
      assertThat(Query.missing(rule.get("expr").asText(), shown, scrape))
          .as("missing in /metrics for %s", rule.get("alert").asText())
          .isEmpty();
    }
  }

  @Test
  void promtoolAcceptsTheRulesAndTheScrapeConfiguration() throws Exception {
    assertThat(Promtool.run("check", "rules", ALERTS.toString())).contains("SUCCESS");
    assertThat(Promtool.run("check", "config", "monitoring/prometheus.yml")).contains("SUCCESS");
  }

  @Test
  void alertsFireWhenTheyShould() throws Exception {
    assertThat(Promtool.run("test", "rules", TESTS.toString())).contains("SUCCESS");
  }

  @Test
  void everyAlertHasACaseThatFiresItAndOneThatDoesNot() throws Exception {
    Set<String> fires = new TreeSet<>();
    Set<String> silent = new TreeSet<>();
    for (JsonNode test : Yaml.read(TESTS).get("tests")) {
      for (JsonNode each : test.get("alert_rule_test")) {
        (each.has("exp_alerts") ? fires : silent).add(each.get("alertname").asText());
      }
    }
    Set<String> alerts = new TreeSet<>();
    rules().forEach(rule -> alerts.add(rule.get("alert").asText()));
    assertThat(fires).isEqualTo(alerts);
    assertThat(silent).isEqualTo(alerts);
  }

  @Test
  void dashboardUsesMetricsAndLabelsThatExist() throws Exception {
    assertThat(targets()).hasSizeGreaterThan(20);
    for (JsonNode target : targets()) {
      String expression = target.get("expr").asText();
      Set<String> shown = labels(LEGEND_LABEL, target.get("legendFormat").asText());
      assertThat(Query.missing(expression, shown, scrape))
          .as("missing in /metrics for %s", expression)
          .isEmpty();
    }
  }

  @Test
  void dashboardHasValidQueries() throws Exception {
    StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
    int number = 0;
    for (JsonNode target : targets()) {
      String expression = target.get("expr").asText().replaceAll("\\$__\\w+", "5m");
      rules.append("  - {record: 'panel:%d', expr: '%s'}%n".formatted(number++, expression));
    }
    Path file = Files.writeString(folder.resolve("dashboard.yml"), rules);
    assertThat(Promtool.run("check", "rules", file.toString())).contains(number + " rules found");
  }

  @Test
  void dashboardIsConsistent() throws Exception {
    JsonNode dashboard = JSON.readTree(DASHBOARD.toFile());
    Set<String> variables = new TreeSet<>();
    dashboard.at("/templating/list").forEach(each -> variables.add(each.get("name").asText()));
    assertThat(variables).containsExactly("datasource", "instance");
    Set<Integer> ids = new TreeSet<>();
    Set<String> cells = new TreeSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      String title = panel.get("title").asText();
      assertThat(ids.add(panel.get("id").asInt())).as("id of %s", title).isTrue();
      JsonNode at = panel.get("gridPos");
      for (int x = at.get("x").asInt(); x < at.get("x").asInt() + at.get("w").asInt(); x++) {
        assertThat(x).as("column of %s", title).isLessThan(24);
        for (int y = at.get("y").asInt(); y < at.get("y").asInt() + at.get("h").asInt(); y++) {
          assertThat(cells.add(x + "," + y)).as("%s overlaps another panel", title).isTrue();
        }
      }
    }
    assertThat(dashboard.findValues("datasource"))
        .allSatisfy(each -> assertThat(each.path("uid").asText()).isEqualTo("${datasource}"));
    assertThat(dashboard.findValues("legend"))
        .as("Grafana 10 and later hide a legend without this")
        .allSatisfy(each -> assertThat(each.path("showLegend").asBoolean()).isTrue());
    assertThat(targets()).allSatisfy(each -> assertThat(each.toString()).contains("$instance"));
  }

  @Test
  void recognizesWrongNames() {
    Scrape one = new Scrape("bus_backlog{gateway=\"gateway-aws\"} 1.0\nbus_connected 1.0\n");
    assertThat(Query.missing("bus_backlog > 1 and on (instance) bus_connected == 1", Set.of(), one))
        .isEmpty();
    assertThat(Query.missing("sum by (gatway) (rate(bus_backlog[5m]))", Set.of(), one))
        .containsExactly("gatway");
    assertThat(Query.missing("rate(bus_backlogs{gateway=\"gateway-aws\"}[5m])", Set.of(), one))
        .contains("bus_backlogs");
    assertThat(Query.missing("bus_backlog{gateway=\"gateway-asw\"}", Set.of(), one))
        .containsExactly("bus_backlog{gateway=\"gateway-asw\"}");
    assertThat(Query.missing("bus_backlog", Set.of("family"), one)).containsExactly("family");
  }

  private static List<JsonNode> targets() throws Exception {
    return StreamSupport.stream(
            JSON.readTree(DASHBOARD.toFile()).get("panels").spliterator(), false)
        .flatMap(panel -> panel.path("targets").valueStream())
        .toList();
  }
}
