package routes.bundles;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.settings.Settings;

/** What is refused before check and test run; RolloutTest covers these. */
class BundleCheckTest {
  @TempDir Path folder;
  private BundleFolder bundles;

  @BeforeEach
  void create() throws Exception {
    bundles = new BundleFolder(folder);
    Files.createDirectories(bundles.of(1));
  }

  private void assertRefused(String file, String text, String message) throws Exception {
    Files.writeString(bundles.of(1).resolve(file), text);
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      Settings settings = new Settings(context);
      settings.override("routes.directory", "routes-yaml");
      BundleCheck check =
          new BundleCheck(settings, bundles, new CheckProcess(List.of("/bin/false")));
      assertThatThrownBy(() -> check.check(1))
          .isInstanceOf(BundleException.class)
          .hasMessageContaining(message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# -----BEGIN PRIVATE KEY-----",
        "# -----BEGIN EC PRIVATE KEY-----",
        "uri: x?cs=HostName=h;SharedAccessKey=AAAA",
        "    password: hunter2",
        "    Password: 'hunter2'",
        "    clientSecret: abc",
        "    apiKey: abc"
      })
  void secretsAreRefused(String line) throws Exception {
    assertRefused("plant.camel.yaml", line, "plant.camel.yaml: contains a secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "    password: '{{plant.password}}'",
        "    password: {{plant.password}}",
        "# a token"
      })
  void placeholdersAreNot(String line) throws Exception {
    assertRefused("plant.camel.yaml", line, "check ended with exit code 1"); // of /bin/false
  }

  @Test
  void errorHandlingOfTheDeviceStays() throws Exception {
    assertRefused(
        "plant.camel.yaml", "- routeConfiguration:\n    id: x", "routeConfiguration would");
  }

  @Test
  void namesOfTheDeviceAreTaken() throws Exception {
    assertRefused(
        "on-error.camel.yaml", "- route: {}", "on-error.camel.yaml: the device has a file");
  }

  @Test
  void aProcessThatCannotStartIsReported() throws Exception {
    assertRefused("plant.camel.yaml", "- route: {}", "check ended with exit code 1");
  }
}
