package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.RuntimeProcess;

/** What the command test reports, run in this process. */
class TestCommandTest {
  /** Sends an alert above a limit. */
  private static final String ROUTE =
      """
      - route:
          id: alert
          group: collectors
          from:
            uri: nats
            parameters:
              topic: orders.*
              connection: "#nats"
            steps:
              - unmarshal:
                  json: {}
              - filter:
                  simple: "${body[t]} > 70"
                  steps:
                    - setHeader:
                        name: level
                        constant: high
                    - setBody:
                        simple: '{"device":"{{device.id}}","t":${body[t]},"from":"${header.CamelNatsSubject}"}'
                    - to:
                        uri: nats
                        parameters:
                          topic: "alerts.{{device.id}}"
                          connection: "#nats"
      """;

  private static final String CASES =
      """
      cases:
        - name: alerts above the limit
          input:
            - subject: orders.new
              body: {t: 71}
            - subject: orders.new
              body: {t: 70}
          expect:
            nats:alerts.{{device.id}}:
              - body: {from: orders.new, t: 71.0, device: edge-1}
                headers: {level: high}
      """;

  @TempDir Path folder;

  /** The result of a run. */
  private record Run(int code, String output) {}

  private Run test(String route, String cases) throws Exception {
    Files.writeString(folder.resolve("alert.camel.yaml"), route);
    Files.writeString(folder.resolve("alert.test.yaml"), cases);
    return run(folder.toString());
  }

  private static Run run(String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code = EdgeRuntime.test(List.of(words), out, out);
    return new Run(code, bytes.toString(StandardCharsets.UTF_8));
  }

  private String withoutFolder(Run run) {
    return run.output().replace(folder + "/", "");
  }

  @Test
  void shippedTestsPass() {
    Run run = run("routes-yaml", "recipes");
    assertThat(run.output()).doesNotContain("failed");
    assertThat(run.code()).isZero();
  }

  @Test
  void documentedExamplePrintsTheDocumentedOutput() throws Exception {
    String page = Files.readString(Path.of("docs/extend.md"));
    String section = page.substring(page.indexOf("## Test a route"), page.indexOf("## A command"));
    List<String> blocks =
        Pattern.compile("(?s)```(?:yaml)?\n(.*?)```")
            .matcher(section)
            .results()
            .map(block -> block.group(1))
            .toList();
    Path route = folder.resolve("alert-press.camel.yaml");
    Path test = folder.resolve("alert-press.test.yaml");
    Files.writeString(route, blocks.get(0));
    Files.writeString(test, blocks.get(1));
    assertThat("routes-yaml/" + withoutFolder(run(test.toString()))).isEqualTo(blocks.get(2));
    Files.writeString(route, blocks.get(0).replace(" > ", " >= "));
    assertThat("routes-yaml/" + withoutFolder(run(test.toString()))).isEqualTo(blocks.get(3));
  }

  @Test
  void shippedTestFailsIfItsRouteIsBroken() throws Exception {
    RoutesYaml.copyTo(folder, "(on-error|gateway-mqtt|collect-metrics)\\..*");
    Path gateway = folder.resolve("gateway-mqtt.camel.yaml");
    Files.writeString(
        gateway, Files.readString(gateway).replace("method: telemetry", "method: inventory"));
    Run run = run(folder.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(withoutFolder(run))
        .contains("collect-metrics.test.yaml: 1 passed\n")
        .contains("gateway-mqtt.test.yaml: 4 failed\n")
        .contains("paho-mqtt5:devices/edge-1/inventory, message 1\n")
        .endsWith("2 files: 1 passed, 4 failed\n");
  }

  @Test
  void printsOneLinePerFileThatPasses() throws Exception {
    Run run = test(ROUTE, CASES);
    assertThat(withoutFolder(run)).isEqualTo("alert.test.yaml: 1 passed\n1 file: 1 passed\n");
    assertThat(run.code()).isZero();
  }

  @Test
  void printsTheDifferenceOfACaseThatFails() throws Exception {
    Run run =
        test(
            ROUTE,
            CASES.replace("t: 71.0, ", "t: 75, unit: C, ").replace("level: high", "level: low"));
    assertThat(withoutFolder(run))
        .isEqualTo(
            """
            alert.test.yaml: 1 failed
              alerts above the limit (line 2)
                nats:alerts.edge-1, message 1: body.t
                  expected: 75
                  actual:   71
                nats:alerts.edge-1, message 1: body.unit
                  expected: "C"
                  actual:   none
                nats:alerts.edge-1, message 1: header level
                  expected: low
                  actual:   high
            1 file: 1 failed
            """);
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void reportsMissingAndUnexpectedMessages() throws Exception {
    Run run = test(ROUTE, CASES.replace("nats:alerts", "nats:alarms"));
    assertThat(withoutFolder(run))
        .contains(
            """
                nats:alarms.edge-1, message 1
                  expected: {"from":"orders.new","t":71.0,"device":"edge-1"}
                  actual:   none
                nats:alerts.edge-1, message 1
                  expected: none
                  actual:   {"device":"edge-1","t":71,"from":"orders.new"}
            """);
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void anEmptyListExpectsNoMessage() throws Exception {
    String none =
        """
        cases:
          - {name: below, input: [{subject: orders.new, body: '{"t":1}'}], expect: none}
          - name: below
            input: [{subject: orders.new, body: {t: 1}}]
            expect: {"nats:alerts.edge-1": none}
          - name: above
            input: [{subject: orders.new, body: {t: 99}}]
            expect: none
        """;
    assertThat(withoutFolder(test(ROUTE, none)))
        .startsWith("alert.test.yaml: 2 passed, 1 failed\n  above (line 6)\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "body: {from: orders.new, t: 71.0, device: edge-1} | contains: {t: 71}",
        "body: {from: orders.new, t: 71.0, device: edge-1} | contains: '\"t\":71'",
        "body: {from: orders.new, t: 71.0, device: edge-1} | matches: '.*\"t\":7\\d,.*'",
        "body: {from: orders.new, t: 71.0, device: edge-1} | body: '{\"device\":\"edge-1\",\"t\":71,\"from\":\"orders.new\"}'"
      })
  void comparesBodiesPartiallyAndAsText(String body, String other) throws Exception {
    assertThat(test(ROUTE, CASES.replace(body, other)).code()).isZero();
    assertThat(
            test(ROUTE, CASES.replace(body, other.replace("71", "72").replace("7\\d", "8"))).code())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "input: | inputs: | 3: unknown key inputs; did you mean input?",
        "subject: | subjekt: | 4: unknown key subjekt; did you mean subject?",
        "cases: | case: | 1: unknown key case; did you mean cases?",
        "name: alerts above the limit | settings: {} | 2: the case has no name",
        "- subject: orders.new | - tock | 5: mapping values are not allowed here",
        "- body: {from | - bodi: {from | 10: unknown key bodi; did you mean body?",
        "body: {t: 71} | body: {t: 71 | 6: ",
        "body: {t: 71} | advance: 30 | 4: an input is either a message, tick or advance",
        "body: {from: orders.new, t: 71.0, device: edge-1} | matches: '(' | 10: matches is not a regular expression: ",
      })
  void reportsAnInvalidFileWithItsLine(String right, String wrong, String error) throws Exception {
    assertThat(CASES).contains(right);
    Run run = test(ROUTE, CASES.replaceFirst(Pattern.quote(right), wrong));
    assertThat(withoutFolder(run)).startsWith("alert.test.yaml:" + error);
    assertThat(run.output()).endsWith("1 file: 0 passed, 1 file invalid\n");
    assertThat(run.code()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{advance: 30} | advance: \"30\" is not a time; use a value such as 500ms, 30s or 1h",
        "tock | unknown input \"tock\"; use tick, advance or a message",
        "[] | input must have the form key: value",
        "{subject: [a]} | subject must be a text",
        "{subject: a, subject: b} | duplicate key subject",
        "{subject: a, topic: b} | use either subject or topic",
      })
  void reportsAnInvalidInput(String input, String error) throws Exception {
    String cases = "cases: [{name: x, input: [INPUT], expect: none}]".replace("INPUT", input);
    assertThat(withoutFolder(test(ROUTE, cases))).startsWith("alert.test.yaml:1: " + error + "\n");
  }

  /** Both would be a case that passes without testing anything. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[{subject: ordrs.new}] | {} | input 1 (line 1): the route receives no message on ordrs.new; its topic is orders.*",
        "[{subject: orders.a.b}] | {} | input 1 (line 1): the route receives no message on orders.a.b; its topic is orders.*",
        "[{subject: orders.new}] | {mqttt.url: x} | unknown setting mqttt.url; did you mean mqtt.url?"
      })
  void anInputOrSettingWithoutEffectFailsTheCase(String input, String settings, String error)
      throws Exception {
    String cases =
        "cases: [{name: x, settings: %s, input: %s, expect: none}]".formatted(settings, input);
    Run run = test(ROUTE, cases);
    assertThat(run.output()).contains(error);
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void rejectsATestWithoutARouteFile() throws Exception {
    Files.writeString(folder.resolve("alert.camel.yaml"), ROUTE);
    Files.writeString(folder.resolve("alart.test.yaml"), CASES);
    Run run = run(folder.resolve("alart.test.yaml").toString());
    assertThat(withoutFolder(run))
        .startsWith(
            "alart.test.yaml: there is no route file alart.camel.yaml beside it; did you mean"
                + " alert.camel.yaml?\n");
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void aTestWithoutARouteFileDoesNotSuggestItself() throws Exception {
    Files.writeString(folder.resolve("alert.test.yaml"), CASES);
    assertThat(withoutFolder(run(folder.toString())))
        .startsWith("alert.test.yaml: there is no route file alert.camel.yaml beside it\n");
  }

  @Test
  void aRouteThatEndsTheProcessFails() throws Exception {
    String exit = "${bean:type:java.lang.System?method=exit(0)}";
    Files.writeString(folder.resolve("alert.camel.yaml"), ROUTE.replace("${body[t]} > 70", exit));
    Files.writeString(folder.resolve("alert.test.yaml"), CASES);
    try (RuntimeProcess ended = RuntimeProcess.start(Map.of(), "test", folder.toString())) {
      assertThat(ended.process().waitFor()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--all", "nowhere", "pom.xml", "docs"})
  void reportsAnInvalidArgument(String word) {
    Run run = run(word);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).hasLineCount(1).containsAnyOf("usage: test", "test: " + word);
  }

  @Test
  void reportsARouteThatCannotBeCreatedAsCheckDoes() throws Exception {
    Run run = test(ROUTE.replace("- filter:", "- filtre:"), CASES);
    assertThat(withoutFolder(run))
        .contains("alert.camel.yaml:12: Unknown node id: filtre; did you mean filter?");
    assertThat(run.code()).isEqualTo(1);
    assertThat(withoutFolder(test(ROUTE.replace("connection", "conection"), CASES)))
        .contains("alert.camel.yaml:8: nats has no option conection; did you mean connection?");
  }

  @Test
  void reportsAnInvalidSetting() throws Exception {
    Run run = test(ROUTE, "settings: {mqtt.ulr: x}\n" + CASES);
    assertThat(run.output())
        .contains("settings: mqtt.ulr: unknown setting; did you mean mqtt.url?");
    assertThat(run.code()).isEqualTo(1);
    assertThat(test(ROUTE, "settings: {gateways: mqtt}\n" + CASES).output())
        .contains("settings: mqtt.url: is not set; set it to the broker's address");
  }

  @Test
  void reportsARouteThatIsOff() throws Exception {
    String off = "id: alert\n    precondition: \"'mqtt' in '{{gateways}}'\"";
    assertThat(test(ROUTE.replace("id: alert", off), CASES).output())
        .contains("the route is off: its precondition 'mqtt' in '{{gateways}}' is false");
  }

  @Test
  void reportsAFailedMessageWithStepAndReason() throws Exception {
    Run run = test(ROUTE, CASES.replace("{t: 70}", "'no JSON'"));
    assertThat(withoutFolder(run))
        .contains("  alerts above the limit (line 2)\n    input 2 (line 6) failed: step unmarshal")
        .contains("(alert.camel.yaml:10): Unrecognized token 'no'");
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void canExpectAMessageToFail() throws Exception {
    String failing = CASES.replace("body: {t: 70}", "body: 'no JSON'\n        error: ");
    assertThat(test(ROUTE, failing.replace("error: ", "error: Unrecognized token")).code())
        .isZero();
    Run run = test(ROUTE, failing.replace("error: ", "error: out of paper"));
    assertThat(run.output())
        .contains("input 2 (line 6): error\n      expected: out of paper\n      actual:   step ");
    assertThat(test(ROUTE, CASES.replace("{t: 70}", "{t: 70}\n        error: x")).output())
        .contains("input 2 (line 6): error\n      expected: x\n      actual:   none\n");
  }

  @Test
  void eachCaseStartsFromScratch() throws Exception {
    String route =
        """
        - route:
            id: alert
            from:
              uri: nats:orders
              steps:
                - aggregate:
                    aggregationStrategy: "#class:org.apache.camel.processor.aggregate.UseLatestAggregationStrategy"
                    completionSize: 2
                    correlationExpression: {constant: all}
                    steps: [{to: "nats:pairs"}]
        """;
    String cases =
        """
        cases:
          - {name: one, input: [{body: a}], expect: none}
          - {name: other, input: [{body: b}], expect: none}
          - {name: two, input: [{body: c}, {body: d}], expect: {"nats:pairs": [{body: d}]}}
        """;
    assertThat(test(route, cases).output()).endsWith("1 file: 3 passed\n");
  }

  /** Groups close when the clock is advanced, not before. */
  @ParameterizedTest
  @ValueSource(strings = {"completionTimeout", "completionInterval"})
  void advancingTheClockClosesWindows(String option) throws Exception {
    String route =
        """
        - route:
            id: alert
            from:
              uri: nats:orders
              steps:
                - aggregate:
                    aggregationStrategy: "#class:org.apache.camel.processor.aggregate.UseLatestAggregationStrategy"
                    OPTION: "60000"
                    correlationExpression: {simple: "${body}"}
                    steps: [{to: "nats:newest"}]
        """
            .replace("OPTION", option);
    String cases =
        """
        cases:
          - name: before
            input: [{body: a}, {advance: 59s}]
            expect: none
          - name: after
            input: [{body: a}, {body: b}, {advance: 1m}]
            expect: {"nats:newest": [{body: a}, {body: b}]}
          - name: one after the other
            input: [{body: a}, {advance: 1m}, {body: b}, {advance: 30s}, {advance: 30s}]
            expect: {"nats:newest": [{body: a}, {body: b}]}
        """;
    assertThat(withoutFolder(test(route, cases))).endsWith("1 file: 3 passed\n");
  }

  @Test
  void eachMessageRestartsATimeout() throws Exception {
    String route =
        """
        - route:
            id: alert
            from:
              uri: nats:orders
              steps:
                - aggregate:
                    aggregationStrategy: "#class:org.apache.camel.processor.aggregate.UseLatestAggregationStrategy"
                    completionTimeout: "60000"
                    correlationExpression: {constant: all}
                    steps: [{to: "nats:newest"}]
        """;
    String cases =
        """
        cases:
          - name: restarts
            input: [{body: a}, {advance: 59s}, {body: b}, {advance: 59s}]
            expect: none
          - name: closes
            input: [{body: a}, {advance: 59s}, {body: b}, {advance: 60s}]
            expect: {"nats:newest": [{body: b}]}
        """;
    assertThat(withoutFolder(test(route, cases))).endsWith("1 file: 2 passed\n");
  }

  @Test
  void advancingTheClockEndsDelaysAndThrottlesDoNotWait() throws Exception {
    String route =
        """
        - route:
            id: alert
            from:
              uri: nats:orders
              steps:
                - throttle: {timePeriodMillis: "60000", constant: "1"}
                - delay: {constant: "30000"}
                - setBody: {simple: "${bean:clock?method=instant}"}
                - to: nats:late
        """;
    String cases =
        """
        cases:
          - name: still waiting
            input: [{body: a}, {body: b}, {advance: 29s}]
            expect: none
          - name: ended
            input: [{body: a}, {advance: 10s}, {body: b}, {advance: 2m}]
            expect: {"nats:late": [{body: "2026-01-01T00:00:30Z"}, {body: "2026-01-01T00:00:40Z"}]}
        """;
    assertThat(withoutFolder(test(route, cases))).endsWith("1 file: 2 passed\n");
  }

  @Test
  void recordsDynamicEndpointsAndWireTaps() throws Exception {
    String route =
        """
        - route:
            id: alert
            from:
              uri: nats:orders.*
              steps:
                - wireTap: {uri: "nats:copies"}
                - toD: {uri: "nats:by.${body}"}
        """;
    String cases =
        """
        cases:
          - name: both
            input: [{subject: orders.new, body: a}]
            expect: {"nats:copies": [{body: a}], "nats:by.a": [{body: a}]}
        """;
    assertThat(withoutFolder(test(route, cases))).endsWith("1 file: 1 passed\n");
  }

  @Test
  void suppliesAndExpectsReplies() throws Exception {
    String route =
        """
        - route:
            id: alert
            from:
              uri: nats:questions
              steps:
                - to: {uri: "nats:inner", pattern: InOut}
                - setBody: {simple: "<${body}>"}
        """;
    String cases =
        """
        cases:
          - name: asks
            input: [{body: a}]
            replies: {"nats:inner": b}
            expect: {"nats:inner": [{body: a}], reply: [{body: "<b>"}]}
        """;
    assertThat(withoutFolder(test(route, cases))).endsWith("1 file: 1 passed\n");
  }

  @Test
  void failsACaseThatNeverEnds() throws Exception {
    String endless = "- loop: {doWhile: true, simple: 'true', steps: [{setBody: {constant: x}}]}\n";
    Run run = test(ROUTE.replace("- unmarshal:", endless + "        - unmarshal:"), CASES);
    assertThat(withoutFolder(run))
        .isEqualTo(
            """
            alert.test.yaml: 1 failed
              alerts above the limit (line 2)
                has not ended within 5 s
            1 file: 1 failed
            """);
  }

  @Test
  void connectsToNothing() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + server.getLocalPort();
      RoutesYaml.copyTo(folder, "(on-error|gateway-mqtt|collect-inventory)\\.camel.*");
      Files.writeString(
          folder.resolve("gateway-mqtt.test.yaml"),
          """
          settings: {gateways: mqtt, "mqtt.url": "tcp://ADDRESS", "nats.servers": "nats://ADDRESS"}
          cases:
            - name: sends
              input: [{subject: telemetry.edge-1.x, body: a}]
              expect: {"paho-mqtt5:devices/edge-1/x": [{body: a}]}
          """
              .replace("ADDRESS", address));
      assertThat(run(folder.toString()).output()).endsWith("1 file: 1 passed\n");
      server.setSoTimeout(300);
      assertThat(accepts(server)).isFalse();
    }
  }

  private static boolean accepts(ServerSocket server) throws Exception {
    try {
      server.accept().close();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  @Test
  void checkAndReloadIgnoreTestFiles() throws Exception {
    test(ROUTE, CASES);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    EdgeRuntime.check(List.of(folder.toString()), Map.of(), out, out);
    assertThat(bytes.toString(StandardCharsets.UTF_8)).doesNotContain("test.yaml");
  }
}
