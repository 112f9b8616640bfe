package routes.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.mqtt.BrokerGateway;
import routes.sandbox.RuntimeProcess;
import routes.settings.KnownSettings;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;

class GatewaysTest {
  private static final List<String> KINDS = List.of("aws", "azure", "google", "mqtt", "pubsub");
  private static final List<String> TUNING =
      List.of(
          "in-flight",
          "keep-alive",
          "message-expiry",
          "publish-rate",
          "publish-timeout",
          "token-lifetime",
          "version");

  @TempDir Path folder;
  private final Map<String, GatewaySettings> opened = new HashMap<>();

  /** A gateway without a connection. */
  private record Nowhere(String name) implements Gateway {
    @Override
    public void start(CamelContext context) {}

    @Override
    public void stop() {}

    @Override
    public Executor pool() {
      return Runnable::run;
    }

    @Override
    public boolean connected() {
      return false;
    }

    @Override
    public boolean awaitConnected(Duration timeout) {
      return false;
    }

    @Override
    public Instant since() {
      return Instant.EPOCH;
    }

    @Override
    public Optional<String> lastError() {
      return Optional.empty();
    }

    @Override
    public long reconnects() {
      return 0;
    }
  }

  private Map<String, GatewayKind> kinds() {
    Map<String, GatewayKind> kinds = new HashMap<>();
    GatewayKind recording =
        settings -> {
          opened.put(settings.name(), settings);
          return new Nowhere(settings.name());
        };
    KINDS.forEach(kind -> kinds.put(kind, recording));
    return kinds;
  }

  private static CamelContext context(String... settings) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return TestSettings.context(all);
  }

  private Gateways open(String... settings) {
    return Gateways.open(context(settings), kinds());
  }

  /** The value of a setting of an instance. */
  private Optional<String> value(String instance, String key, String... settings) {
    String[] all = new String[settings.length + 2];
    System.arraycopy(settings, 0, all, 2, settings.length);
    all[0] = "gateways";
    all[1] = instance;
    open(all);
    return opened.get(instance).find(key);
  }

  private static Gateways openBrokers(CamelContext context) {
    return Gateways.open(context, Map.of("mqtt", BrokerGateway::new));
  }

  @Test
  void bindsEachGatewayAsABean() {
    CamelContext context = context("gateways", " mqtt ,aws-eu,, mqtt-plant,mqtt,");
    Gateways gateways = Gateways.open(context, kinds());
    assertThat(gateways.all())
        .extracting(Gateway::name)
        .containsExactly("mqtt", "aws-eu", "mqtt-plant");
    assertThat(opened.get("mqtt-plant").kind()).isEqualTo("mqtt");
    for (Gateway gateway : gateways.all()) {
      assertThat(context.getRegistry().lookupByName(gateway.name())).isSameAs(gateway);
    }
    assertThat(Gateways.of(context)).isSameAs(gateways);
    assertThat(context.resolvePropertyPlaceholders("{{gateways}}"))
        .as("the value that route preconditions compare")
        .isEqualTo("mqtt,aws-eu,mqtt-plant");
  }

  @Test
  void hasNoGatewayWithoutNames() {
    assertThat(open("gateways", "").all()).isEmpty();
    assertThat(open("gateways", " , ").all()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp://first", "tcp://second"})
  void instancesOfAKindHaveTheirOwnSettings(String first) {
    Gateways gateways =
        open(
            "gateways", "mqtt,mqtt-plant",
            "mqtt.url", first,
            "mqtt.username", "first",
            "mqtt-plant.url", "tcp://plant",
            "mqtt-plant.in-flight", "3");
    assertThat(gateways.all()).hasSize(2);
    assertThat(opened.get("mqtt").find("url")).contains(first);
    assertThat(opened.get("mqtt").integer("in-flight", 1, 100)).isEqualTo(64);
    assertThat(opened.get("mqtt-plant").find("url")).contains("tcp://plant");
    assertThat(opened.get("mqtt-plant").find("username")).isEmpty();
    assertThat(opened.get("mqtt-plant").integer("in-flight", 1, 100)).isEqualTo(3);
    assertThat(opened.get("mqtt-plant").key("url")).isEqualTo("mqtt-plant.url");
  }

  @Test
  void onlyTuningKeysFallBackToTheKinds() {
    for (String kind : KINDS) {
      for (String key : GatewayNames.keys(kind).toList()) {
        Optional<String> value = value(kind + "-other", key, kind + "." + key, "of-the-kind");
        if (TUNING.contains(key)) {
          assertThat(value).as(kind + "." + key).contains("of-the-kind");
        } else {
          assertThat(value.orElse("")).as(kind + "." + key).doesNotContain("of-the-kind");
        }
      }
    }
  }

  @Test
  void theValueOfAnInstanceOverridesThatOfItsKind() {
    for (String kind : KINDS) {
      for (String key : GatewayNames.keys(kind).toList()) {
        String own = kind + "-other." + key;
        assertThat(value(kind + "-other", key, kind + "." + key, "of-the-kind", own, "own"))
            .as(own)
            .contains("own");
      }
    }
  }

  @Test
  void anInstanceFallsBackToThePackagedDefault() {
    for (String kind : KINDS) {
      for (String key : TUNING) {
        String packaged = KnownSettings.packaged().getProperty(kind + "." + key, "");
        assertThat(value(kind + "-other", key).orElse("")).as(kind + "." + key).isEqualTo(packaged);
      }
    }
    assertThat(value("mqtt-plant", "topic")).contains("devices/{device}/{kind}");
    assertThat(value("azure-eu", "port")).contains("8883");
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-flight", "keep-alive", "publish-timeout", "version", "topic"})
  void anEmptyValueDoesNotFallBack(String key) {
    assertThat(value("mqtt-plant", key, "mqtt." + key, "7s", "mqtt-plant." + key, "")).isEmpty();
    assertThatThrownBy(() -> opened.get("mqtt-plant").duration(key))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("mqtt-plant." + key + ": is not set");
  }

  @Test
  void derivedDefaultsUseTheSettingsOfTheInstance() {
    String[] regions = {"google.region", "us-central1", "google-eu.region", "europe-west1"};
    assertThat(value("google-eu", "endpoint", regions))
        .contains("europe-west1-mqtt.clearblade.com:8883");
    assertThat(value("google", "endpoint", regions))
        .contains("us-central1-mqtt.clearblade.com:8883");
    assertThat(value("aws-eu", "thing", "aws.thing", "other")).contains("edge-1");
    assertThat(value("aws", "thing", "aws.thing", "other")).contains("other");
  }

  @Test
  void aMissingAddressExplainsThatOtherGatewaysAreNotUsed() {
    assertThatThrownBy(
            () -> openBrokers(context("gateways", "mqtt-plant", "mqtt.url", "tcp://broker")))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "mqtt-plant.url: is not set; set it to the broker's address, such as ssl://host:8883"
                + " (mqtt.url applies to mqtt only)");
    assertThatThrownBy(() -> openBrokers(context("gateways", "mqtt-plant")))
        .hasMessage(
            "mqtt-plant.url: is not set; set it to the broker's address, such as ssl://host:8883");
    assertThatThrownBy(() -> openBrokers(context("gateways", "mqtt", "mqtt-plant.url", "tcp://b")))
        .hasMessage(
            "mqtt.url: is not set; set it to the broker's address, such as ssl://host:8883");
  }

  @ParameterizedTest
  @CsvSource({
    "mqtt-plant.in-flight,  0,          must be a number between 1 and 65535",
    "mqtt-plant.keep-alive, 0s,         is not a time",
    "mqtt-plant.topic,      a/#,        is not a topic to publish to",
    "mqtt-plant.url,        broker,     is not a broker address"
  })
  void anErrorNamesTheKeyOfTheInstance(String key, String value, String problem) {
    assertThatThrownBy(
            () ->
                openBrokers(
                    context("gateways", "mqtt-plant", "mqtt-plant.url", "tcp://b", key, value)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(key + ": ")
        .hasMessageContaining(problem);
  }

  @Test
  void checksOneGatewayWithoutTheOthers() {
    CamelContext context =
        context("gateways", "mqtt,mqtt-plant", "mqtt-plant.url", "tcp://b", "mqtt.url", "wrong");
    Map<String, GatewayKind> brokers = Map.of("mqtt", BrokerGateway::new);
    Gateways.check(context, "mqtt-plant", brokers);
    assertThatThrownBy(() -> Gateways.check(context, "mqtt", brokers))
        .hasMessageStartingWith("mqtt.url: ");
  }

  @Test
  void readsASecretOfAnInstanceFromAFile() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "s3cret\n");
    Path tuning = Files.writeString(folder.resolve("tuning"), "9\n");
    CamelContext context = context("gateways", "mqtt-plant", "mqtt.password", "another");
    SecretFiles.useIn(
        context,
        Map.of(
            "MQTT_PLANT_PASSWORD_FILE",
            secret.toString(),
            "MQTT_IN_FLIGHT_FILE",
            tuning.toString()));
    Gateways.open(context, kinds());
    assertThat(opened.get("mqtt-plant").find("password")).contains("s3cret");
    assertThat(opened.get("mqtt-plant").integer("in-flight", 1, 100)).isEqualTo(9);
  }

  @Test
  void rejectsAMissingFileOfAnInstance() {
    CamelContext context = context("gateways", "mqtt-plant");
    SecretFiles.useIn(context, Map.of("MQTT_PLANT_PASSWORD_FILE", "/no/such/file"));
    assertThatThrownBy(() -> Gateways.open(context, kinds()))
        .isInstanceOf(SettingException.class)
        .hasMessage("MQTT_PLANT_PASSWORD_FILE: there is no file /no/such/file");
  }

  @Test
  void rejectsAValueAndAFile() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "s3cret");
    CamelContext context = context("gateways", "mqtt-plant");
    SecretFiles.useIn(
        context, Map.of("MQTT_PLANT_PASSWORD_FILE", secret.toString(), "MQTT_PLANT_PASSWORD", "x"));
    assertThatThrownBy(() -> Gateways.open(context, kinds()))
        .hasMessage(
            "mqtt-plant.password: both MQTT_PLANT_PASSWORD and MQTT_PLANT_PASSWORD_FILE are set;"
                + " remove one");
  }

  @Test
  void instancesHaveTheSettingsOfTheirKinds() {
    Settings settings = new Settings(context("gateways", "mqtt-plant, aws"));
    List<String> keys = Gateways.keys(settings);
    assertThat(keys)
        .contains("mqtt-plant.url", "mqtt-plant.client-id", "aws.endpoint")
        .doesNotContain("mqtt.url", "aws-plant.endpoint");
    assertThat(keys.stream().filter(key -> key.startsWith("mqtt-plant.")))
        .hasSameSizeAs(GatewayNames.keys("mqtt").toList());
  }

  @Test
  void readsEnvironmentVariablesTheSameWay() throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("GATEWAYS", "mqtt-plant");
    environment.put("MQTT_URL", "tcp://localhost:1");
    environment.put("MQTT_IN_FLIGHT", "7");
    assertThat(check(environment))
        .contains("mqtt-plant.url: is not set")
        .contains("(mqtt.url applies to mqtt only)");
    environment.put("MQTT_PLANT_URL", "tcp://localhost:1");
    assertThat(check(environment)).containsPattern("settings +OK");
    environment.put("MQTT_PLANT_IN_FLIGHT", "");
    assertThat(check(environment)).contains("mqtt-plant.in-flight: is not set");
    environment.put("MQTT_PLANT_IN_FLIGHT", "0");
    assertThat(check(environment)).contains("mqtt-plant.in-flight: \"0\" must be a number");
  }

  /** What the command check prints about settings. */
  private String check(Map<String, String> environment) throws Exception {
    Files.writeString(
        folder.resolve("tick.camel.yaml"),
        "- route: {id: tick, from: {uri: timer:tick, steps: [{log: tick}]}}");
    try (RuntimeProcess process = RuntimeProcess.start(environment, "check", folder.toString())) {
      process.awaitExit();
      return String.join("\n", process.output());
    }
  }
}
