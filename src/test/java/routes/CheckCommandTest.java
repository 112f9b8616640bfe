package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command check reports, run in this process. */
class CheckCommandTest {
  private static final String ROUTE =
      """
      # A comment that names qoss, setBodyy, colect.period and #natss.
      - route:
          id: tick
          description: A test
          from:
            uri: timer
            parameters:
              timerName: tick
              period: "{{collect.period}}"
            steps:
              - setBody:
                  expression:
                    simple:
                      expression: "${bean:sampler?method=sample}"
              - to:
                  uri: nats
                  parameters:
                    topic: "x.{{device.id}}"
                    connection: "#nats"
              - to:
                  uri: paho-mqtt5
                  parameters:
                    topic: x
                    qos: 1
      """;

  @TempDir Path folder;

  /** The result of a run. */
  private record Run(int code, String output) {
    String line(String part) {
      return output.lines().filter(line -> line.contains(part)).findFirst().orElse("");
    }

    String last() {
      return output.lines().reduce("", (before, line) -> line);
    }
  }

  @BeforeEach
  void writeAValidRoute() throws Exception {
    write("tick", ROUTE);
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name + ".camel.yaml"), text);
  }

  private Run check(String... settings) {
    Map<String, String> overrides = new HashMap<>(Map.of("device.id", "edge-1"));
    for (int i = 0; i < settings.length; i += 2) {
      overrides.put(settings[i], settings[i + 1]);
    }
    return run(List.of(folder.toString()), overrides);
  }

  private static Run run(List<String> words, Map<String, String> overrides) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code = EdgeRuntime.check(words, overrides, out, out);
    return new Run(code, bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void printsOneLinePerValidFile() throws Exception {
    write("tock", ROUTE.replace("id: tick", "id: tock"));
    Run run = check();
    assertThat(run.code()).isZero();
    assertThat(run.output().lines())
        .hasSize(4)
        .allMatch(line -> line.matches("settings +OK|/.*/t[io]ck.camel.yaml +OK|2 files OK"));
  }

  @Test
  void aGatewayThatIsNotProvisionedYetIsValid() throws Exception {
    write("gateway-azure", ROUTE.replace("id: tick", "id: gateway-azure"));
    String key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    String data = folder.resolve("data").toString();
    String[] settings = {
      "gateways",
      "azure",
      "data.directory",
      data,
      "azure.dps.id-scope",
      "0ne00ABCDEF",
      "azure.dps.group-key",
      key
    };
    assertThat(check(settings).output()).contains("settings").endsWith("2 files OK\n");
    settings[5] = "x y";
    assertThat(check(settings).output()).contains("azure.dps.id-scope: is not an ID scope");
    settings[5] = "0ne00ABCDEF";
    settings[7] = "secret-group-key";
    assertThat(check(settings).output())
        .contains("azure.dps.group-key: is not a symmetric key")
        .doesNotContain("secret-group-key");
  }

  @Test
  void skipsFilesOutsideRoutesInclude() throws Exception {
    write("gateway-mqtt", "- rute: {}");
    String[] settings = {
      "routes.include", "tick", "gateways", "mqtt", "mqtt.url", "tcp://localhost:1"
    };
    Run run = check(settings);
    assertThat(run.line("gateway-mqtt.camel.yaml")).endsWith("not loaded (routes.include)");
    assertThat(run.output())
        .contains("warning: gateways needs gateway-mqtt.camel.yaml, which routes.include excludes");
    assertThat(run.code()).isZero();
    assertThat(check("routes.include", "tick").code()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {bean:sampler?method=sample} | {average(${body})}   | 14: | simple has no function average
          setBody:                | setBodyy:           | 11: | Unknown node id: setBodyy; did you mean setBody?
          - route:                | - rute:             | 2:  | Unknown node id: rute; did you mean route?
          description:            | descripton:         | 4:  | Unsupported field: descripton; did you mean description?
          simple:                 | simpel:             | 13: | Unknown expression with id: simpel; did you mean simple?
          expression: "${bean     | expresion: "${bean  | 14: | Unsupported field: expresion; did you mean expression?
          uri: nats               | uri: natz           | 16: | unknown component natz; did you mean nats?
          qos:                    | qoss:               | 24: | paho-mqtt5 has no option qoss; did you mean qos?
          connection:             | conection:          | 19: | nats has no option conection; did you mean connection?
          "#nats"                 | "#natss"            | 19: | unknown bean natss; did you mean nats?
          bean:sampler            | bean:samplr         | 14: | unknown bean samplr; did you mean sampler?
          method=sample           | method=sampel       | 14: | the bean has no method sampel; did you mean sample?
          {{collect.period}}      | {{colect.period}}   | 9:  | unknown setting colect.period; did you mean collect.period?
          "{{collect.period}}"    | soon                | 9:  | invalid value for the timer option period
          ${bean:sampler?method=sample} | ${body        | 14: | invalid expression: expected symbol functionEnd
          ${bean:sampler?method=sample} | ${boddy}      | 14: | simple has no function boddy; did you mean body?
          simple:                 | jsonpath:           | 13: | language jsonpath is not in this build
          timerName: tick         | delay: 5            | 6:  | timer needs the option timerName
          steps:                  | steps               | 10: | could not find expected ':'
          description: A test     | precondition: "'{{gatways}}' contains 'x'" | 4: | unknown setting gatways; did you mean gateways?
          """)
  void reportsAnErrorWithFileLineAndTheClosestValidName(
      String right, String wrong, String line, String says) throws Exception {
    assertThat(ROUTE).contains(right);
    write("tick", ROUTE.replace(right, wrong));
    Run run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.line("tick.camel.yaml")).contains("tick.camel.yaml:" + line).contains(says);
    assertThat(run.last()).isEqualTo("1 of 1 file has errors");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "setHeader: {name: CamelPahoOverrideTopic, constant: x} | CamelPahoOverrideTopic; did you mean CamelPahoMqtt5OverrideTopic?",
        "removeHeader: {name: CamelNatsSubjekt} | CamelNatsSubjekt; did you mean CamelNatsSubject?",
        "log: '${header.CamelMqttTopik}' | CamelMqttTopik; did you mean CamelMqttTopic?",
        "log: '${headers[CamelMqttTopik]}' | CamelMqttTopik; did you mean CamelMqttTopic?",
        "log: \"${exchangeProperty.CamelLoopIndx}\" | CamelLoopIndx; did you mean CamelLoopIndex?"
      })
  void rejectsAHeaderThatNoComponentKnows(String step, String says) throws Exception {
    write("tick", ROUTE.replace("- setBody:\n", "- " + step + "\n        - setBody:\n"));
    Run run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.line("tick.camel.yaml:11:")).endsWith("unknown header " + says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "batch ~ cuont: 5 ~ 18:  batch has no option cuont; did you mean count?",
        "batch ~ count: 11 ~ 18:  batch: count is 11; only 10 messages may be in flight",
        "batch ~ count: 0 ~ 18:  batch: invalid value \"0\" for the option count; use a whole number from 1 to 10000",
        "batch ~ count: '' ~ 18:  batch: invalid value \"\" for the option count; use a whole number",
        "batch ~ bytes: 1TB ~ 18:  batch: invalid value \"1TB\" for the option bytes; use a size from 1KB to 4MB, such as 100KB",
        "batch ~ time: soon ~ 18:  batch: invalid value \"soon\" for the option time; use a time from 10ms to 1h, such as 500ms",
        "batch ~ window: 2h ~ 18:  batch: invalid value \"2h\" for the option window; use a time from 1s to 1h, such as 1m",
        "batch ~ {time: 1s, window: 1m} ~ 18:  batch: use either window or time",
        "batch ~ value: '' ~ 18:  batch: invalid value \"\" for the option value; use a jq expression such as .t",
        "batch ~ value: '.a |' ~ 18:  invalid jq: ",
        "batch ~ value: '.a +' ~ 18:  invalid jq: ",
        "batch ~ value: '.a + 1' ~ OK",
        "batch ~ valeu: '.a' ~ 18:  batch has no option valeu; did you mean value?",
        "deadband ~ absolute: 1 ~ 16:  deadband needs the option value",
        "deadband ~ value: .t ~ 16:  deadband needs the option absolute or percent",
        "deadband ~ {value: .t, percent: -1} ~ 18:  deadband: invalid value \"-1\" for the option percent; use a number of at least 0",
        "deadband ~ {value: .t, percent: 1, silence: never} ~ 18:  deadband: invalid value \"never\" for the option silence; use a time from 1s to 365d, such as 10m",
        "alert ~ value: .t ~ 16:  alert needs the option above or below",
        "alert ~ {value: .t, above: NaN} ~ 18:  alert: invalid value \"NaN\" for the option above; use a number",
        "alert ~ {value: .t, above: 1, below: 2} ~ 18:  alert: use either above or below",
        "alert ~ {value: .t, above: 1, clear: 2} ~ 18:  alert: invalid value \"2.0\" for the option clear; use a number of at most above, 1.0",
        "alert ~ {value: .t, above: 1, for: 8d} ~ 18:  alert: invalid value \"8d\" for the option for; use a time from 0s to 7d, such as 5m",
        "alert ~ {value: .t, above: 1, name: a b} ~ 18:  alert: invalid value \"a b\" for the option name; use 1 to 64 letters, digits, - and _",
        "alert ~ {value: .t, above: 1} ~ 6:  alert: inFlight of jetstream is 10, which does not keep the order; use inFlight: 1",
        "alrt ~ value: .t ~ 16:  unknown component alrt; did you mean alert?",
      })
  void reportsAnInvalidStepWithFileAndLine(String step, String option, String says)
      throws Exception {
    write(
        "tick",
        """
        # A test.
        - route:
            id: tick
            description: A test
            from:
              uri: jetstream
              parameters:
                topic: telemetry.x.>
                jetstreamName: TELEMETRY
                inFlight: 10
              steps:
                - setHeader:
                    name: x
                    constant: y
                - to:
                    uri: STEP
                    parameters:
                      OPTION
        """
            .replace("STEP", step)
            .replace("OPTION", option));
    assertThat(check().line("tick.camel.yaml")).contains(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "inFlight: many ~ invalid value \"many\" for the option inFlight; use a whole number from 1 to 10000",
        "ackWait: 2d ~ invalid value \"2d\" for the option ackWait; use a time from 1s to 1d, such as 30s",
        "maxAge: 10ms ~ invalid value \"10ms\" for the option maxAge; use a time from 1s to 365d, such as 5m",
        "maxAge: 0s ~ invalid value \"0s\" for the option maxAge; use a time from 1s to 365d, such as 5m",
        "deliverPolicy: newest ~ invalid value \"newest\" for the option deliverPolicy; use all, new, a time back such as 1h, or a date such as 2026-11-30T08:00:00Z",
        "durableName: a.b ~ invalid value \"a.b\" for the option durableName; use 1 to 255 letters, digits, - and _",
        "jetstreamName: A.B ~ invalid value \"A.B\" for the option jetstreamName; use 1 to 255 characters without blanks, dots",
        "topic: a b ~ topic: \"a b\" is not a NATS subject: ",
      })
  void reportsAnInvalidOptionOfJetstreamWithFileAndLine(String option, String says)
      throws Exception {
    write(
        "tick",
        """
        # A test.
        - route:
            id: tick
            description: A test
            from:
              uri: jetstream
              parameters:
                topic: telemetry.x.>
                jetstreamName: TELEMETRY
                durableName: x
              steps:
                - log: x
        """
            .replaceFirst(" {8}" + option.split(":")[0] + ": .*\n", "")
            .replace("parameters:\n", "parameters:\n        " + option + "\n"));
    assertThat(check().line("tick.camel.yaml")).contains("tick.camel.yaml:8:").contains(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "batch: {} ~ 5:  batch: inFlight of jetstream is 1, so each batch would have one message; raise inFlight",
        "alert: {value: .t, above: 1} ~ alert: another alert of this route has the name tick; set the option name",
        "alert: {value: .t, above: 1, name: high} ~ OK",
      })
  void aStepThatDoesNotSuitItsRouteIsReported(String step, String says) throws Exception {
    String[] parts = step.split(": ", 2);
    write(
        "tick",
        """
        - route:
            id: tick
            description: A test
            from:
              uri: jetstream
              parameters: {topic: telemetry.x.>, jetstreamName: TELEMETRY}
              steps:
                - to: {uri: alert, parameters: {value: .t, below: 1}}
                - to: {uri: STEP, parameters: OPTIONS}
        """
            .replace("STEP", parts[0])
            .replace("OPTIONS", parts[1]));
    assertThat(check().line("tick.camel.yaml")).contains(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "'.metrics.a + ' ~ invalid jq: ",
        "'.a | avg' ~ invalid jq: function avg/0 does not exist",
        "'.a | map(.b | mean(1))' ~ invalid jq: function mean/1 does not exist",
        "'.metrics | (.a + .b) / 2' ~ OK",
        "'header(\"x\") | gsub(\" \"; \"_\")' ~ OK",
      })
  void reportsAnInvalidJqExpressionWithFileAndLine(String jq, String says) throws Exception {
    write("tick", ROUTE.replace("simple:", "jq:").replace("\"${bean:sampler?method=sample}\"", jq));
    Run run = check();
    assertThat(run.line("tick.camel.yaml")).contains(says);
    assertThat(run.line("tick.camel.yaml:14: ").isEmpty()).isEqualTo(says.equals("OK"));
  }

  @Test
  void acceptsHeadersOfComponentsAndOfTheUser() throws Exception {
    write(
        "tick",
        ROUTE.replace(
            "- setBody:\n",
            """
            # CamelPahoOverrideTopic is the header of an older component
                    - setHeader: {name: CamelPahoMqtt5OverrideTopic, constant: x}
                    - setHeader: {name: My-Header, constant: x}
                    - log: 'Camels: ${header.CamelNatsSubject} ${header.CamelNatsDelivered} CamelCase'
                    - log: '${exchangeProperty.CamelTimerCounter} ${header.CamelHttpPath}'
                    - setBody:
            """));
    assertThat(check().line("tick.camel")).endsWith(" OK");
  }

  @Test
  void knowsTheOptionsOfTheJetstreamComponent() throws Exception {
    String consumer =
        "uri: jetstream\n      parameters:\n        topic: a\n        jetstreamName: B\n";
    String from = ROUTE.substring(ROUTE.indexOf("uri: timer"), ROUTE.indexOf("      steps:"));
    write("tick", ROUTE.replace(from, consumer + "        durablName: c\n"));
    assertThat(check().line("tick.camel"))
        .contains("tick.camel.yaml:10:")
        .contains("jetstream has no option durablName; did you mean durableName?");
    write("tick", ROUTE.replace(from, consumer.replace("        jetstreamName: B\n", "")));
    assertThat(check().line("tick.camel"))
        .contains("tick.camel.yaml:6:")
        .contains("jetstream needs the option jetstreamName");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nats", "jetstream"})
  void validatesSubjects(String scheme) throws Exception {
    String from = ROUTE.substring(ROUTE.indexOf("uri: timer"), ROUTE.indexOf("      steps:"));
    String options = scheme.equals("nats") ? "connection: '#nats'" : "jetstreamName: TELEMETRY";
    String consumer =
        "uri: %s\n      parameters:\n        topic: a b\n        %s\n".formatted(scheme, options);
    write("tick", ROUTE.replace(from, consumer));
    assertThat(check().line("tick.camel")).contains("topic: \"a b\" is not a NATS subject");
    write("tick", ROUTE.replace(from, consumer.replace("a b", "a.*.>")));
    assertThat(check().line("tick.camel")).endsWith(" OK");
  }

  @Test
  void validatesTopicFilters() throws Exception {
    String[] mqtt = {"gateways", "mqtt", "mqtt.url", "tcp://localhost:1"};
    String from = ROUTE.substring(ROUTE.indexOf("uri: timer"), ROUTE.indexOf("      steps:"));
    String consumer =
        "uri: paho-mqtt5\n      parameters:\n        topic: a/#/b\n        client: '#mqtt'\n";
    write("tick", ROUTE.replace(from, consumer));
    assertThat(check(mqtt).line("tick.camel"))
        .contains("invalid topic filter \"a/#/b\": # must be the last level");
    write("tick", ROUTE.replace(from, consumer.replace("a/#/b", "a/#")));
    assertThat(check(mqtt).line("tick.camel")).endsWith(" OK");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "qos: 3 ~ paho-mqtt5: invalid value \"3\" for the option qos; use a whole number from 0 to 2",
        "brokerUrl: 'broker:1883' ~ paho-mqtt5: invalid value \"broker:1883\" for the option brokerUrl; use tcp://host:1883",
        "topic: a/+/b ~ topic: cannot publish to \"a/+/b\"; use a topic without the wildcards + and #",
        "topic: 'a/#' ~ topic: cannot publish to \"a/#\"; use a topic without the wildcards + and #",
      })
  void reportsWhatABrokerWouldRefuse(String option, String says) throws Exception {
    String[] mqtt = {"gateways", "mqtt", "mqtt.url", "tcp://localhost:1"};
    write(
        "tick",
        """
        # A test.
        - route:
            id: tick
            description: A test
            from:
              uri: timer:tick
              steps:
                - to:
                    uri: paho-mqtt5
                    parameters:
                      client: '#mqtt'
                      OPTION
                      TOPIC
        """
            .replace("OPTION", option)
            .replace("TOPIC", option.startsWith("topic") ? "" : "topic: a"));
    assertThat(check(mqtt).line("tick.camel")).contains(says);
  }

  @Test
  void checksEachFileIndependently() throws Exception {
    write("tick", ROUTE.replace("#nats", "#natss"));
    write("tock", ROUTE.replace("id: tick", "id: tock").replace("qos:", "qoss:"));
    write("yaml", "- route: [");
    write("good", ROUTE.replace("id: tick", "id: good"));
    Run run = check();
    assertThat(run.line("tick.camel.yaml")).contains("unknown bean natss");
    assertThat(run.line("tock.camel.yaml")).contains("has no option qoss");
    assertThat(run.line("yaml.camel.yaml")).contains("yaml.camel.yaml:2:");
    assertThat(run.line("good.camel.yaml")).endsWith(" OK");
    assertThat(run.last()).isEqualTo("3 of 4 files have errors");
  }

  @Test
  void reportsAnErrorOfTheErrorConfigurationOnlyForItsOwnFile() throws Exception {
    write(
        "on-error",
        """
        - routeConfiguration:
            onException:
              - onException:
                  exception:
                    - java.lang.Exception
                  steps:
                    - to:
                        uri: loog:x
        """);
    write("tock", ROUTE.replace("id: tick", "id: tock"));
    Path relative = Path.of("").toAbsolutePath().relativize(folder.toAbsolutePath());
    Run run = run(List.of(relative.toString()), Map.of("device.id", "edge-1"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output().lines().filter(line -> line.contains("loog")))
        .singleElement()
        .asString()
        .contains("on-error.camel.yaml:8:")
        .contains("unknown component loog; did you mean log?");
    assertThat(run.last()).isEqualTo("1 of 3 files has errors");
  }

  @Test
  void reportsADuplicateIdInTheFileThatIsNamedDifferently() throws Exception {
    write("again", ROUTE);
    Run run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.line("again.camel.yaml:3:"))
        .contains("duplicate route id tick; also in tick.camel.yaml");
    assertThat(run.line("/tick.camel.yaml")).endsWith(" OK");
  }

  @Test
  void warnsAboutARouteNamedDifferentlyThanItsFile() throws Exception {
    write("tock", ROUTE.replace("id: tick", "id: tack"));
    write("none", ROUTE.replace("    id: tick\n", ""));
    Run run = check();
    assertThat(run.code()).isZero();
    assertThat(run.line("tock.camel.yaml:3:"))
        .contains("warning: the route's id is tack; use the file's name, tock");
    assertThat(run.line("none.camel.yaml:4:")).contains("warning: the route has no id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway-mqtt.yaml", "gateway-mqtt.camel.yml", "x.YML"})
  void warnsAboutAFileThatWouldNotBeLoaded(String name) throws Exception {
    Files.writeString(folder.resolve(name), ROUTE);
    Run run = check();
    assertThat(run.code()).isZero();
    assertThat(run.line(name)).contains("warning: not loaded; the name must end in");
  }

  @Test
  void warnsAboutAGatewayWithoutARoute() throws Exception {
    write("gateway-mqqt", ROUTE.replace("id: tick", "id: gateway-mqqt"));
    Run run = check("gateways", "mqtt", "mqtt.url", "tcp://127.0.0.1:1");
    assertThat(run.code()).isZero();
    assertThat(run.output())
        .contains(
            "warning: gateways needs gateway-mqtt.camel.yaml, which does not exist; did you mean"
                + " gateway-mqqt.camel.yaml?");
  }

  @Test
  void reportsAllInvalidSettingsAndStillChecksFiles() {
    Run run =
        check(
            "gateways", "mqtt,aws,azur",
            "collect.period", "soon",
            "nats.servers", "na ts",
            "bus.max-age", "long",
            "device.labels", "x",
            "http.port", "web",
            "http.host", "no.host.invalid");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .contains("mqtt.url: is not set")
        .contains("aws.endpoint: is not set")
        .contains("gateways: unknown gateway \"azur\"")
        .contains("collect.period: \"soon\" is not a time")
        .contains("nats.servers: address 1 of 1 is malformed")
        .contains("bus.max-age: \"long\" is not a time")
        .contains("device.labels: \"x\" is not a label")
        .contains("http.port: \"web\"")
        .contains("http.host: \"no.host.invalid\"");
    assertThat(run.line("tick.camel.yaml")).endsWith(" OK");
    assertThat(run.last()).isEqualTo("9 invalid settings; 1 file OK");
  }

  @Test
  void doesNotCheckTheRoutesOfAGatewayWithInvalidSettings() throws Exception {
    Files.copy(
        Path.of("routes-yaml/gateway-mqtt.camel.yaml"), folder.resolve("gateway-mqtt.camel.yaml"));
    Run run = check("gateways", "mqtt");
    assertThat(run.line("gateway-mqtt.camel.yaml")).contains("not checked; its gateway's settings");
    assertThat(run.last()).isEqualTo("1 invalid setting; 1 of 2 files OK");
  }

  @Test
  void acceptsACopiedRouteFileWithTheNameReplaced() throws Exception {
    for (String kind : List.of("mqtt", "aws")) {
      String text = Files.readString(Path.of("routes-yaml/gateway-" + kind + ".camel.yaml"));
      write("gateway-" + kind + "-two", text.replaceAll("\\b" + kind + "\\b", kind + "-two"));
    }
    Run run = check("gateways", " mqtt-two,,mqtt-two ", "mqtt-two.url", "tcp://127.0.0.1:1");
    assertThat(run.output()).doesNotContain("warning");
    assertThat(run.line("gateway-mqtt-two.camel.yaml")).endsWith("  OK");
    assertThat(run.line("gateway-aws-two.camel.yaml")).endsWith("  OK (off)");
  }

  @Test
  void warnsAboutACopyThatStillHasTheOldName() throws Exception {
    String text = Files.readString(Path.of("routes-yaml/gateway-mqtt.camel.yaml"));
    write(
        "gateway-mqtt-two",
        text.replaceAll("\\bmqtt\\b", "mqtt-two")
            .replace("client: \"#mqtt-two", "client: \"#mqtt"));
    Run run =
        check(
            "gateways", "mqtt,mqtt-two",
            "mqtt.url", "tcp://127.0.0.1:1",
            "mqtt-two.url", "tcp://127.0.0.1:2");
    assertThat(run.line("gateway-mqtt-two.camel.yaml"))
        .contains("uplink and client name different gateways: mqtt-two, mqtt");
  }

  @Test
  void rejectsARouteWithAnUnknownGateway() throws Exception {
    for (String option : List.of("uplink", "client")) {
      String text = Files.readString(Path.of("routes-yaml/gateway-mqtt.camel.yaml"));
      write("gateway-mqtt", text.replace(option + ": \"#mqtt\"", option + ": \"#mqtt-x\""));
      Run run = check("gateways", "mqtt", "mqtt.url", "tcp://127.0.0.1:1");
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.line("gateway-mqtt.camel.yaml")).contains("mqtt-x");
    }
  }

  @Test
  void checksOtherGatewaysWhenOneIsUnknown() throws Exception {
    Files.copy(
        Path.of("routes-yaml/gateway-mqtt.camel.yaml"), folder.resolve("gateway-mqtt.camel.yaml"));
    Run run = check("gateways", "azur,mqtt", "mqtt.url", "tcp://127.0.0.1:1");
    assertThat(run.output()).contains("gateways: unknown gateway \"azur\"");
    assertThat(run.line("gateway-mqtt.camel.yaml")).endsWith("  OK");
  }

  @Test
  void hidesSecretsEvenWhereCamelQuotesThem() throws Exception {
    write("tick", ROUTE.replace("qos: 1", "qos: 1\n              mqttVersio: '{{mqtt.password}}'"));
    write(
        "tock",
        ROUTE
            .replace("id: tick", "id: tock")
            .replace("${bean:sampler?method=sample}", "${bean:sampler?method={{mqtt.password}}}"));
    Run run = check("mqtt.password", "hunter2secret");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).doesNotContain("hunter2secret").contains("***");
  }

  @Test
  void reportsHostileFiles() throws Exception {
    write("deep", "[".repeat(100_000));
    write("bomb", "a: &a [x,x]\n" + "b: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n".repeat(20));
    write("large", "# " + "x".repeat(1024 * 1024));
    write("scalar", "hello\n");
    write("comment", "# nothing\n");
    write("empty", "");
    write("nofrom", "- route:\n    id: nofrom\n");
    write("noclass", "- beans:\n    - name: x\n      type: routes.Nope\n");
    Files.write(folder.resolve("binary.camel.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    write("name\u001b[2J", ROUTE.replace("id: tick", "id: name"));
    Files.createSymbolicLink(folder.resolve("loop"), folder);
    Files.createSymbolicLink(folder.resolve("gone.camel.yaml"), folder.resolve("nowhere"));
    Files.createDirectory(folder.resolve("folder.camel.yaml"));
    Run run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.line("deep.camel.yaml:")).contains("nested too deeply");
    assertThat(run.line("bomb.camel.yaml:")).isNotEmpty();
    assertThat(run.line("large.camel.yaml:")).contains("larger than 1 MB");
    assertThat(run.line("binary.camel.yaml:")).contains("not UTF-8 text");
    assertThat(run.line("scalar.camel.yaml:")).contains("contains no route");
    assertThat(run.line("comment.camel.yaml:")).contains("contains no route");
    assertThat(run.line("empty.camel.yaml:")).endsWith("empty; contains no route");
    assertThat(run.line("nofrom.camel.yaml:")).endsWith("a route has no from");
    assertThat(run.line("noclass.camel.yaml:")).endsWith("class routes.Nope not found");
    assertThat(run.line("gone.camel.yaml:")).contains("it must be an existing file");
    assertThat(run.output()).contains("\n9 of 12 files have errors");
    assertThat(run.line("/tick.camel.yaml")).endsWith(" OK");
    assertThat(run.output()).doesNotContain("\u001b");
  }

  @Test
  void reportsAFolderWithoutRouteFiles() throws Exception {
    for (int i = 0; i < 1001; i++) {
      Files.writeString(folder.resolve("r" + i + ".camel.yaml"), "x");
    }
    Run run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).contains("too many files");
  }

  @Test
  void rejectsAnEmptyAndAMissingFolder() throws Exception {
    Files.delete(folder.resolve("tick.camel.yaml"));
    assertThat(check().output()).contains("contains no route file (NAME.camel.yaml)");
    Run run = run(List.of(folder.resolve("nowhere").toString()), Map.of());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).contains("routes.directory: there is no folder");
  }

  @Test
  void rejectsAClientThatIsNotAnEnabledGateway() throws Exception {
    write("tick", ROUTE.replace("qos: 1", "qos: 1\n              client: '#mqtt'"));
    assertThat(check().line("tick.camel.yaml:")).contains("client: unknown gateway \"mqtt\"");
    assertThat(check("gateways", "mqtt", "mqtt.url", "tcp://127.0.0.1:1").line("tick.camel.yaml"))
        .endsWith(" OK");
  }

  @Test
  void acceptsAValueThatContainsABrace() {
    assertThat(check("mqtt.password", "a{{b").code()).isZero();
  }

  /** Every combination of the gateways in this build. */
  static Stream<String> gateways() {
    List<String> all = List.of("azure", "aws", "google", "mqtt");
    return IntStream.range(0, 1 << all.size())
        .mapToObj(
            bits ->
                IntStream.range(0, all.size())
                    .filter(i -> (bits & (1 << i)) != 0)
                    .mapToObj(all::get)
                    .collect(Collectors.joining(",")));
  }

  @ParameterizedTest
  @MethodSource("gateways")
  void acceptsTheShippedRouteFiles(String gateways) {
    Certificates certificates = new Certificates(folder);
    Certificates.Identity ca = certificates.ca();
    Certificates.Identity thing = certificates.client("edge-1", Certificates.rsa());
    Map<String, String> settings = new HashMap<>();
    settings.put("device.id", "edge-1");
    settings.put("gateways", gateways);
    settings.put(
        "azure.connection-string",
        "HostName=localhost;DeviceId=edge-1;SharedAccessKey=c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0");
    settings.put("aws.endpoint", "localhost:8883");
    settings.put("aws.certificate", certificates.write(thing.certificate()).toString());
    settings.put("aws.private-key", certificates.writePkcs8(thing.keys().getPrivate()).toString());
    settings.put("aws.root-ca", certificates.write(ca.certificate()).toString());
    settings.put("google.project", "my-project");
    settings.put("google.region", "us-central1");
    settings.put("google.registry", "my-registry");
    settings.put(
        "google.private-key", certificates.writePkcs8(Certificates.ec().getPrivate()).toString());
    settings.put("mqtt.url", "tcp://127.0.0.1:1");
    Run run = run(List.of("routes-yaml"), settings);
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(run.last()).matches("\\d+ files OK");
    for (String gateway : List.of("azure", "aws", "google", "mqtt")) {
      assertThat(run.line("gateway-" + gateway + ".camel.yaml"))
          .endsWith(gateways.contains(gateway) ? " OK" : " OK (off)");
    }
  }

  @Test
  void rejectsInvalidArguments() {
    for (List<String> words : List.of(List.of("a", "b"), List.of("-x"), List.of(""))) {
      Run run = run(words, Map.of());
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.output()).isEqualTo("usage: check [FOLDER]\n");
    }
  }
}
