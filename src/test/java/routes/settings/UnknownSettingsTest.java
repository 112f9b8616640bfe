package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.uplink.Gateways;
import routes.uplink.TestSettings;

class UnknownSettingsTest {
  private final UnknownSettings settings = new UnknownSettings(KnownSettings.keys());

  @ParameterizedTest
  @CsvSource({
    "AZURE_CONECTION_STRING, AZURE_CONNECTION_STRING",
    "AZUR_CONNECTION_STRING, AZURE_CONNECTION_STRING",
    "AZURE_CONNECTIONSTRING, AZURE_CONNECTION_STRING",
    "MQTT_ULR, MQTT_URL",
    "MQTT_PASWORD_FILE, MQTT_PASSWORD_FILE",
    "GATEWAY, GATEWAYS",
    "COLLECT_PERIODE, COLLECT_PERIOD",
    "NATS_SERVER, NATS_SERVERS",
    "ROUTES_DIRECTROY, ROUTES_DIRECTORY",
    "MQTT_PASSWORD_FIL, MQTT_PASSWORD_FILE",
    "MQTT_PASSWORDFILE, MQTT_PASSWORD_FILE",
    "mqtt_url, MQTT_URL",
    "mqtt_ulr, MQTT_URL",
    "mqtt.ulr, mqtt.url",
    "nats.server, nats.servers"
  })
  void suggestsTheIntendedSetting(String name, String meant) {
    assertThat(settings.among(List.of(name)))
        .containsExactly(name + ": unknown setting; did you mean " + meant + "?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PATH",
        "HOME",
        "LANG",
        "LOG_LEVEL",
        "JAVA_HOME",
        "JAVA_TOOL_OPTIONS",
        "HOSTNAME",
        "AWS_REGION",
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_DEFAULT_REGION",
        "AWS_ROLE_ARN",
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONFIG_FILE",
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_SUBSCRIPTION_ID",
        "AZURE_STORAGE_CONNECTION_STRING",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CLOUD_PROJECT",
        "GOOGLE_API_KEY",
        "HTTP_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "HTTPS_PROXY",
        "HTTPS_PORT",
        "NO_PROXY",
        "http.proxyHost",
        "http.proxyPort",
        "http.nonProxyHosts",
        "java.home",
        "user.dir",
        "NATS_URL",
        "NATS_USER",
        "NATS_CREDS",
        "NATS_PORT",
        "NATS_SERVICE_HOST",
        "NATS_SERVICE_PORT",
        "NATS_PORT_4222_TCP_ADDR",
        "MQTT_HOST",
        "MQTT_PORT",
        "MQTT_USER",
        "MQTT_PASS",
        "MQTT_BROKER",
        "MQTTS_URL",
        "MQTT_PORT_1883_TCP",
        "DATA_DIR",
        "DATABASE_URL",
        "DEVICE_TYPE",
        "GATEWAY_INTERFACE",
        "CAMEL_MAIN_NAME",
        "CAMEL_MAIN_STARTUP_SUMMARY_LEVEL",
        "camel.main.nam"
      })
  void ignoresVariablesOfOtherPrograms(String name) {
    assertThat(settings.among(List.of(name))).isEmpty();
  }

  @Test
  void knowsEverySettingAsKeyVariableAndFile() {
    for (String key : KnownSettings.keys()) {
      String variable = key.toUpperCase().replaceAll("[.-]", "_");
      assertThat(settings.among(List.of(key, variable, variable + "_FILE"))).isEmpty();
    }
  }

  private static UnknownSettings withInstances(String gateways) {
    Set<String> keys = new HashSet<>(KnownSettings.keys());
    keys.addAll(Gateways.keys(new Settings(TestSettings.context(Map.of("gateways", gateways)))));
    return new UnknownSettings(keys);
  }

  @Test
  void knowsTheSettingsOfInstances() {
    UnknownSettings instances = withInstances("mqtt, mqtt-plant, aws-eu");
    assertThat(
            instances.among(
                List.of(
                    "MQTT_PLANT_URL",
                    "mqtt-plant.url",
                    "MQTT_PLANT_PASSWORD_FILE",
                    "MQTT_PLANT_CLIENT_ID",
                    "AWS_EU_THING",
                    "aws-eu.root-ca")))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "MQTT_PLANT_ULR, MQTT_PLANT_URL",
    "mqtt-plant.ulr, mqtt-plant.url",
    "MQTT_PLANT_PASWORD_FILE, MQTT_PLANT_PASSWORD_FILE",
    "mqtt_plant_url, MQTT_PLANT_URL"
  })
  void suggestsTheIntendedSettingOfAnInstance(String name, String meant) {
    assertThat(withInstances("mqtt-plant").among(List.of(name)))
        .containsExactly(name + ": unknown setting; did you mean " + meant + "?");
  }
}
