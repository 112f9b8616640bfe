package routes.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;
import routes.settings.SettingException;
import routes.uplink.GatewaySettings;
import routes.uplink.TestSettings;

/** Also runs in the build without Google's classes. */
class PubsubSettingsTest {
  private static final Map<String, String> GOOD =
      Map.of(
          "pubsub.project", "my-project",
          "pubsub.topic", "metrics",
          "pubsub.endpoint", "europe-west1-pubsub.googleapis.com:443");

  private static final PrivateKey KEY = Certificates.rsa().getPrivate();

  @TempDir Path folder;

  private static GatewaySettings with(String key, String value) {
    return TestSettings.of("pubsub", GOOD, key, value);
  }

  @Test
  void namesTheMissingBuildProfile() {
    ClassLoader without = ClassLoader.getPlatformClassLoader();
    assertThatThrownBy(() -> PubsubKind.check(without))
        .isInstanceOf(SettingException.class)
        .hasMessage("gateways: pubsub needs the build with -Ppubsub (mvn -Ppubsub package)");
  }

  @Test
  void needsOnlyProjectAndTopic() {
    PubsubSettings settings = PubsubSettings.read(with("pubsub.endpoint", ""));
    assertThat(settings.project()).isEqualTo("my-project");
    assertThat(settings.topic()).isEqualTo("metrics");
    assertThat(settings.serviceAccountKey()).isEmpty();
    assertThat(settings.inFlight()).isEqualTo(64);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pubsub.project | '' | pubsub.project: is not set; set it to the id of the Google Cloud project",
        "pubsub.project | My Project | pubsub.project: \"My Project\" is not a project id; use 6 to 30",
        "pubsub.project | 123456789012 | pubsub.project: \"123456789012\" is not a project id",
        "pubsub.topic | '' | pubsub.topic: is not set; set it to the topic's id, such as metrics",
        "pubsub.topic | projects/p/topics/t | pubsub.topic: is a full name; use only the topic's id t, with pubsub.project = p",
        "pubsub.topic | a/b | pubsub.topic: \"a/b\" is not a topic id; use 3 to 255",
        "pubsub.topic | a%20b | pubsub.topic: \"a%20b\" is not a topic id",
        "pubsub.topic | googly | pubsub.topic: \"googly\" is not a topic id",
        "pubsub.endpoint | https://pubsub.googleapis.com | pubsub.endpoint: \"https://pubsub.googleapis.com\" is not an endpoint; use host:port",
        "pubsub.endpoint | http://localhost | pubsub.endpoint: \"http://localhost\" is not an endpoint; use host:port",
        "pubsub.in-flight | 0 | pubsub.in-flight: \"0\" must be a number between 1 and 1000",
        "pubsub.service-account-key | /no/key.json | pubsub.service-account-key: there is no file /no/key.json"
      })
  void reportsAnInvalidSettingInOneLine(String key, String value, String message) {
    assertThatThrownBy(() -> PubsubSettings.read(with(key, value)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void anEmulatorGetsNoCredentials() throws IOException {
    Map<String, String> emulator = new HashMap<>(GOOD);
    emulator.put("pubsub.endpoint", "http://localhost:8085");
    PubsubSettings.read(TestSettings.of("pubsub", emulator, "pubsub.topic", "metrics"));
    String file = Files.writeString(folder.resolve("key.json"), key().toString()).toString();
    GatewaySettings both = TestSettings.of("pubsub", emulator, "pubsub.service-account-key", file);
    assertThatThrownBy(() -> PubsubSettings.read(both))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "pubsub.endpoint: an emulator (http://) takes no credentials;"
                + " remove pubsub.service-account-key");
  }

  private ObjectNode key() throws IOException {
    Path pem = new Certificates(folder).writePkcs8(KEY);
    return new ObjectMapper()
        .createObjectNode()
        .put("type", "service_account")
        .put("client_email", "edge@my-project.iam.gserviceaccount.com")
        .put("client_id", "1")
        .put("private_key_id", "2")
        .put("private_key", Files.readString(pem));
  }

  private GatewaySettings withKey(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("key.json"), text);
    return with("pubsub.service-account-key", file.toString());
  }

  @Test
  void acceptsAServiceAccountKey() throws IOException {
    assertThat(PubsubSettings.read(withKey(key().toString())).serviceAccountKey())
        .contains(folder.resolve("key.json").toAbsolutePath());
  }

  @ParameterizedTest
  @ValueSource(strings = {"client_email", "client_id", "private_key", "private_key_id"})
  void namesAMissingFieldOfAKey(String field) throws IOException {
    ObjectNode key = key();
    key.remove(field);
    wrong(key.toString(), "contains no \"" + field + "\"; use a service account key");
  }

  @Test
  void rejectsAnyOtherFileWithoutShowingItsContent() throws IOException {
    wrong("secret", "is not a JSON object; use a service account key");
    wrong("[\"secret\"]", "is not a JSON object; use a service account key");
    wrong("{\"a\":\"secret\"}", "contains no \"type\"; use a service account key");
    wrong(
        "{\"type\":\"authorized_user\",\"refresh_token\":\"secret\"}",
        "is not of type service_account; remove this setting and set"
            + " GOOGLE_APPLICATION_CREDENTIALS to the file");
    wrong(
        key().put("private_key", "-----BEGIN PRIVATE KEY-----\nsecret").toString(),
        "contains a damaged \"private_key\"; download the key again");
  }

  private void wrong(String text, String problem) {
    assertThatThrownBy(() -> PubsubSettings.read(withKey(text)))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "pubsub.service-account-key: "
                + folder.resolve("key.json").toAbsolutePath()
                + " "
                + problem)
        .hasNoCause();
  }
}
