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

/** What the command check finds, in this process. */
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

  /** What a run of the command gave. */
  private record Run(int code, String output) {
    String line(String part) {
      return output.lines().filter(line -> line.contains(part)).findFirst().orElse("");
    }

    String last() {
      return output.lines().reduce("", (before, line) -> line);
    }
  }

  @BeforeEach
  void aGoodRoute() throws Exception {
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
  void whatIsRightIsSaidInOneLineAFile() throws Exception {
    write("tock", ROUTE.replace("id: tick", "id: tock"));
    Run run = check();
    assertThat(run.code()).isZero();
    assertThat(run.output().lines())
        .hasSize(4)
        .allMatch(line -> line.matches("settings +OK|/.*/t[io]ck.camel.yaml +OK|2 files OK"));
  }

  @Test
  void whatRoutesIncludeLeavesOutIsNotChecked() throws Exception {
    write("gateway-mqtt", "- rute: {}");
    String[] settings = {
      "routes.include", "tick", "gateways", "mqtt", "mqtt.url", "tcp://localhost:1"
    };
    Run run = check(settings);
    assertThat(run.line("gateway-mqtt.camel.yaml")).endsWith("not loaded: routes.include");
    assertThat(run.output())
        .contains(
            "warning: gateways needs gateway-mqtt.camel.yaml, which routes.include leaves out");
    assertThat(run.code()).isZero();
    assertThat(check("routes.include", "tick").code()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {bean:sampler?method=sample} | {average(${body})}   | 14: | simple has no function average
          setBody:                | setBodyy:           | 11: | Unknown node id: setBodyy: did you mean setBody?
          - route:                | - rute:             | 2:  | Unknown node id: rute: did you mean route?
          description:            | descripton:         | 4:  | Unsupported field: descripton: did you mean description?
          simple:                 | simpel:             | 13: | Unknown expression with id: simpel: did you mean simple?
          expression: "${bean     | expresion: "${bean  | 14: | Unsupported field: expresion: did you mean expression?
          uri: nats               | uri: natz           | 16: | there is no component natz: did you mean nats?
          qos:                    | qoss:               | 24: | paho-mqtt5 has no option qoss: did you mean qos?
          connection:             | conection:          | 19: | nats has no option conection: did you mean connection?
          "#nats"                 | "#natss"            | 19: | there is no bean natss: did you mean nats?
          bean:sampler            | bean:samplr         | 14: | there is no bean samplr: did you mean sampler?
          method=sample           | method=sampel       | 14: | the bean has no method sampel: did you mean sample?
          {{collect.period}}      | {{colect.period}}   | 9:  | there is no setting colect.period: did you mean collect.period?
          "{{collect.period}}"    | soon                | 9:  | the value of timer's option period is wrong
          ${bean:sampler?method=sample} | ${body        | 14: | the expression can't be read: expected symbol functionEnd
          ${bean:sampler?method=sample} | ${boddy}      | 14: | simple has no function boddy: did you mean body?
          simple:                 | jq:                 | 13: | there is no language jq in this build
          timerName: tick         | delay: 5            | 6:  | timer needs the option timerName
          steps:                  | steps               | 10: | could not find expected ':'
          description: A test     | precondition: "'{{gatways}}' contains 'x'" | 4: | there is no setting gatways: did you mean gateways?
          """)
  void aFaultIsToldByFileAndLineWithTheWordThatWasMeant(
      String right, String wrong, String line, String says) throws Exception {
    assertThat(ROUTE).contains(right);
    write("tick", ROUTE.replace(right, wrong));
    Run run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.line("tick.camel.yaml")).contains("tick.camel.yaml:" + line).contains(says);
    assertThat(run.last()).isEqualTo("1 of 1 file has faults");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "setHeader: {name: CamelPahoOverrideTopic, constant: x} | CamelPahoOverrideTopic: did you mean CamelPahoMqtt5OverrideTopic?",
        "removeHeader: {name: CamelNatsSubjekt} | CamelNatsSubjekt: did you mean CamelNatsSubject?",
        "log: '${header.CamelMqttTopik}' | CamelMqttTopik: did you mean CamelMqttTopic?",
        "log: '${headers[CamelMqttTopik]}' | CamelMqttTopik: did you mean CamelMqttTopic?",
        "log: \"${exchangeProperty.CamelLoopIndx}\" | CamelLoopIndx: did you mean CamelLoopIndex?"
      })
  void aHeaderThatNoComponentKnowsIsAFault(String step, String says) throws Exception {
    write("tick", ROUTE.replace("- setBody:\n", "- " + step + "\n        - setBody:\n"));
    Run run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.line("tick.camel.yaml:11:")).endsWith("there is no header " + says);
  }

  @Test
  void theHeadersOfComponentsAndOnesOwnAreRight() throws Exception {
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
  void anOptionOfTheBusIsKnownToo() throws Exception {
    String consumer =
        "uri: jetstream\n      parameters:\n        topic: a\n        jetstreamName: B\n";
    String from = ROUTE.substring(ROUTE.indexOf("uri: timer"), ROUTE.indexOf("      steps:"));
    write("tick", ROUTE.replace(from, consumer + "        durablName: c\n"));
    assertThat(check().line("tick.camel"))
        .contains("tick.camel.yaml:10:")
        .contains("jetstream has no option durablName: did you mean durableName?");
    write("tick", ROUTE.replace(from, consumer.replace("        jetstreamName: B\n", "")));
    assertThat(check().line("tick.camel"))
        .contains("tick.camel.yaml:6:")
        .contains("jetstream needs the option jetstreamName");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nats", "jetstream"})
  void aSubjectIsChecked(String scheme) throws Exception {
    String from = ROUTE.substring(ROUTE.indexOf("uri: timer"), ROUTE.indexOf("      steps:"));
    String options = scheme.equals("nats") ? "connection: '#nats'" : "jetstreamName: TELEMETRY";
    String consumer =
        "uri: %s\n      parameters:\n        topic: a b\n        %s\n".formatted(scheme, options);
    write("tick", ROUTE.replace(from, consumer));
    assertThat(check().line("tick.camel")).contains("topic: \"a b\" is no subject of NATS");
    write("tick", ROUTE.replace(from, consumer.replace("a b", "a.*.>")));
    assertThat(check().line("tick.camel")).endsWith(" OK");
  }

  @Test
  void aTopicFilterIsChecked() throws Exception {
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

  @Test
  void eachFileIsCheckedWhateverTheOthersAre() throws Exception {
    write("tick", ROUTE.replace("#nats", "#natss"));
    write("tock", ROUTE.replace("id: tick", "id: tock").replace("qos:", "qoss:"));
    write("yaml", "- route: [");
    write("good", ROUTE.replace("id: tick", "id: good"));
    Run run = check();
    assertThat(run.line("tick.camel.yaml")).contains("there is no bean natss");
    assertThat(run.line("tock.camel.yaml")).contains("has no option qoss");
    assertThat(run.line("yaml.camel.yaml")).contains("yaml.camel.yaml:2:");
    assertThat(run.line("good.camel.yaml")).endsWith(" OK");
    assertThat(run.last()).isEqualTo("3 of 4 files have faults");
  }

  @Test
  void whatTheErrorConfigurationHasIsToldOfItsOwnFileAlone() throws Exception {
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
        .contains("there is no component loog: did you mean log?");
    assertThat(run.last()).isEqualTo("1 of 3 files has faults");
  }

  @Test
  void ofTwoRoutesWithOneIdTheFileOfAnotherNameIsAtFault() throws Exception {
    write("again", ROUTE);
    Run run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.line("again.camel.yaml:3:"))
        .contains("two routes have the id tick: the other is in tick.camel.yaml");
    assertThat(run.line("/tick.camel.yaml")).endsWith(" OK");
  }

  @Test
  void aRouteThatIsNotNamedAsItsFileIsWarnedOf() throws Exception {
    write("tock", ROUTE.replace("id: tick", "id: tack"));
    write("none", ROUTE.replace("    id: tick\n", ""));
    Run run = check();
    assertThat(run.code()).isZero();
    assertThat(run.line("tock.camel.yaml:3:"))
        .contains("warning: its route has the id tack: it should be as the file, tock");
    assertThat(run.line("none.camel.yaml:4:")).contains("warning: its route has no id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway-mqtt.yaml", "gateway-mqtt.camel.yml", "x.YML"})
  void aFileThatWouldNotBeLoadedIsWarnedOf(String name) throws Exception {
    Files.writeString(folder.resolve(name), ROUTE);
    Run run = check();
    assertThat(run.code()).isZero();
    assertThat(run.line(name)).contains("warning: it isn't loaded: its name should end in");
  }

  @Test
  void warnsAboutAGatewayWithoutARoute() throws Exception {
    write("gateway-mqqt", ROUTE.replace("id: tick", "id: gateway-mqqt"));
    Run run = check("gateways", "mqtt", "mqtt.url", "tcp://127.0.0.1:1");
    assertThat(run.code()).isZero();
    assertThat(run.output())
        .contains(
            "warning: gateways needs gateway-mqtt.camel.yaml, which isn't there: did you mean"
                + " gateway-mqqt.camel.yaml?");
  }

  @Test
  void allThatIsWrongWithTheSettingsIsToldAtOnceAndFilesAllTheSame() {
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
        .contains("collect.period: \"soon\" is no time")
        .contains("nats.servers: address 1 of 1 is malformed")
        .contains("bus.max-age: \"long\" is no time")
        .contains("device.labels: \"x\" is no label")
        .contains("http.port: \"web\"")
        .contains("http.host: \"no.host.invalid\"");
    assertThat(run.line("tick.camel.yaml")).endsWith(" OK");
    assertThat(run.last()).isEqualTo("9 settings are wrong; 1 file OK");
  }

  @Test
  void aGatewayWhoseSettingsAreWrongIsNotCheckedFurther() throws Exception {
    Files.copy(
        Path.of("routes-yaml/gateway-mqtt.camel.yaml"), folder.resolve("gateway-mqtt.camel.yaml"));
    Run run = check("gateways", "mqtt");
    assertThat(run.line("gateway-mqtt.camel.yaml")).contains("not checked: its gateway's settings");
    assertThat(run.last()).isEqualTo("1 setting is wrong; 1 of 2 files OK");
  }

  @Test
  void aCopiedRouteFileNeedsNothingButAnotherName() throws Exception {
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
  void aCopyInWhichOneNameIsLeftIsAWarning() throws Exception {
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
  void aRouteWhoseGatewayIsUnknownIsAFault() throws Exception {
    for (String option : List.of("uplink", "client")) {
      String text = Files.readString(Path.of("routes-yaml/gateway-mqtt.camel.yaml"));
      write("gateway-mqtt", text.replace(option + ": \"#mqtt\"", option + ": \"#mqtt-x\""));
      Run run = check("gateways", "mqtt", "mqtt.url", "tcp://127.0.0.1:1");
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.line("gateway-mqtt.camel.yaml")).contains("mqtt-x");
    }
  }

  @Test
  void besideAGatewayThatThereIsNotTheOthersAreChecked() throws Exception {
    Files.copy(
        Path.of("routes-yaml/gateway-mqtt.camel.yaml"), folder.resolve("gateway-mqtt.camel.yaml"));
    Run run = check("gateways", "azur,mqtt", "mqtt.url", "tcp://127.0.0.1:1");
    assertThat(run.output()).contains("gateways: unknown gateway \"azur\"");
    assertThat(run.line("gateway-mqtt.camel.yaml")).endsWith("  OK");
  }

  @Test
  void noSecretIsShownEvenWhereCamelQuotesIt() throws Exception {
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
  void hostileFilesAreToldOf() throws Exception {
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
    assertThat(run.line("binary.camel.yaml:")).contains("no text in UTF-8");
    assertThat(run.line("scalar.camel.yaml:")).contains("no route is in it");
    assertThat(run.line("comment.camel.yaml:")).contains("no route is in it");
    assertThat(run.line("empty.camel.yaml:")).endsWith("it is empty: no route is in it");
    assertThat(run.line("nofrom.camel.yaml:")).endsWith("a route in it has no from");
    assertThat(run.line("noclass.camel.yaml:")).endsWith("there is no class routes.Nope");
    assertThat(run.line("gone.camel.yaml:")).contains("it should be a file that is there");
    assertThat(run.output()).contains("\n9 of 12 files have faults");
    assertThat(run.line("/tick.camel.yaml")).endsWith(" OK");
    assertThat(run.output()).doesNotContain("\u001b");
  }

  @Test
  void aFolderOfSomethingElseIsToldOf() throws Exception {
    for (int i = 0; i < 1001; i++) {
      Files.writeString(folder.resolve("r" + i + ".camel.yaml"), "x");
    }
    Run run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).contains("there is too much in it");
  }

  @Test
  void anEmptyFolderAndNoneAreFaults() throws Exception {
    Files.delete(folder.resolve("tick.camel.yaml"));
    assertThat(check().output()).contains("holds no route file (NAME.camel.yaml)");
    Run run = run(List.of(folder.resolve("nowhere").toString()), Map.of());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).contains("routes.directory: there is no folder");
  }

  @Test
  void aClientThatIsNoEnabledGatewayIsAFault() throws Exception {
    write("tick", ROUTE.replace("qos: 1", "qos: 1\n              client: '#mqtt'"));
    assertThat(check().line("tick.camel.yaml:")).contains("client: unknown gateway \"mqtt\"");
    assertThat(check("gateways", "mqtt", "mqtt.url", "tcp://127.0.0.1:1").line("tick.camel.yaml"))
        .endsWith(" OK");
  }

  @Test
  void aValueWithABraceIsNotTakenForTheCheckItself() {
    assertThat(check("mqtt.password", "a{{b").code()).isZero();
  }

  /** Every combination of the gateways that this build has. */
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
  void theRouteFilesHereAreRight(String gateways) {
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
  void wordsThatMakeNoSenseAreRefused() {
    for (List<String> words : List.of(List.of("a", "b"), List.of("-x"), List.of(""))) {
      Run run = run(words, Map.of());
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.output()).isEqualTo("usage: check [FOLDER]\n");
    }
  }
}
