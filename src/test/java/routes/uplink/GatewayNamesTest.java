package routes.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.settings.SettingException;
import routes.settings.Settings;

class GatewayNamesTest {
  private static final Set<String> KINDS = Set.of("aws", "azure", "google", "mqtt", "pubsub");

  private static Map<String, String> names(String setting) {
    return GatewayNames.of(new Settings(TestSettings.context(Map.of("gateways", setting))), KINDS);
  }

  @Test
  void aNameIsAKindOrAKindWithAWord() {
    assertThat(names("aws,mqtt-plant,mqtt,azure-2,google-" + "x".repeat(32)).entrySet())
        .containsExactly(
            Map.entry("aws", "aws"),
            Map.entry("mqtt-plant", "mqtt"),
            Map.entry("mqtt", "mqtt"),
            Map.entry("azure-2", "azure"),
            Map.entry("google-" + "x".repeat(32), "google"));
  }

  @Test
  void ignoresBlanksAndRepeatedNames() {
    assertThat(names(" mqtt ,, aws\t,mqtt, ").keySet()).containsExactly("mqtt", "aws");
    assertThat(names("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mqqt",
        "MQTT",
        "mqtt-",
        "-plant",
        "mqtt-Plant",
        "mqtt_plant",
        "mqtt-a-b",
        "mqtt plant",
        "mqtt.plant",
        "mqttplant",
        "kafka-plant",
        "mqtt-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" // 33
      })
  void reportsAnyOtherNameWithTheKnownKinds(String name) {
    assertThatThrownBy(() -> names("aws," + name))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "gateways: unknown gateway \""
                + name
                + "\"; use one of aws, azure, google, mqtt, pubsub, optionally with a word of a-z"
                + " and 0-9, such as mqtt-plant");
  }

  @ParameterizedTest
  @CsvSource({
    "mqtt, client",
    "mqtt, private",
    "mqtt, in",
    "mqtt, keep",
    "mqtt, publish",
    "aws, root",
    "aws, message",
    "aws, private",
    "azure, connection",
    "azure, token",
    "google, private",
    "pubsub, service"
  })
  void rejectsAWordThatAKeyBeginsWith(String kind, String word) {
    String name = kind + "-" + word;
    assertThatThrownBy(() -> names(name))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "gateways: \""
                + name
                + "\" is not allowed: its settings would have the same variables as "
                + kind
                + "."
                + word
                + "-...; use another word, such as "
                + kind
                + "-2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"aws", "azure", "google", "mqtt", "pubsub"})
  void rejectsTheWordInventory(String kind) {
    assertThatThrownBy(() -> names(kind + "-inventory"))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "gateways: \""
                + kind
                + "-inventory\" is not allowed: the name is reserved for inventory routes; use another"
                + " word, such as "
                + kind
                + "-2");
  }

  /** Holds for every word, for example the words that keys consist of. */
  @Test
  void variablesOfInstancesAndKindsNeverCollide() {
    for (String kind : KINDS) {
      Set<String> variables = variables(kind, kind);
      Set<String> words = new TreeSet<>(Set.of("plant", "file", "2"));
      GatewayNames.keys(kind).forEach(key -> words.addAll(Set.of(key.split("[-.]", 2))));
      for (String word : words) {
        String name = kind + "-" + word;
        if (allowed(name)) {
          assertThat(variables(name, kind)).as(name).doesNotContainAnyElementsOf(variables);
          String prefix = variable(name + ".");
          assertThat(GatewayNames.keys(kind).map(key -> variable(kind + "." + key)))
              .as(name)
              .noneMatch(variable -> variable.startsWith(prefix));
        }
      }
    }
  }

  private static boolean allowed(String name) {
    try {
      GatewayNames.kind(name, KINDS);
      return true;
    } catch (SettingException e) {
      return false;
    }
  }

  private static Set<String> variables(String name, String kind) {
    Set<String> variables = new HashSet<>();
    GatewayNames.keys(kind)
        .map(key -> variable(name + "." + key))
        .forEach(variable -> variables.addAll(Set.of(variable, variable + "_FILE")));
    return variables;
  }

  private static String variable(String key) {
    return key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }
}
