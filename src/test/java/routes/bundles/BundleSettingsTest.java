package routes.bundles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BundleSettingsTest {
  @TempDir Path folder;

  private void write(String text) throws Exception {
    Files.writeString(folder.resolve("settings.properties"), text);
  }

  @Test
  void placeholdersOfTheRoutesAreAllowed() throws Exception {
    assertThat(BundleSettings.of(folder)).isEmpty();
    write("# the press\nplant.threshold = 3\nplant.line-2.name = north\n");
    assertThat(BundleSettings.of(folder))
        .containsEntry("plant.threshold", "3")
        .containsEntry("plant.line-2.name", "north")
        .hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "plant.password, is a secret",
    "plant.api-token, is a secret",
    "gateways, is not a key",
    "PLANT_X, is not a key",
    "http.host, is a setting of the runtime",
    "http.anything, is a setting of the runtime",
    "routes.trusted-key, is a setting of the runtime",
    "tls.verify-host-name, is a setting of the runtime",
    "mqtt.url, is a setting of the runtime",
    "mqtt-plant.url, is a setting of the runtime",
    "azure-eu.connection-string, is a secret",
    "camel.main.name, is a setting of the runtime",
    "java.home, is a setting of the runtime",
    "javax.net.ssl.trustStore, is not a key",
  })
  void settingsOfTheDeviceAreNot(String key, String message) throws Exception {
    write(key + " = 1");
    assertThatThrownBy(() -> BundleSettings.of(folder))
        .isInstanceOf(BundleException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(key);
  }

  @Test
  void malformedTextIsRefused() throws Exception {
    write("plant.name = \\u00zz");
    assertThatThrownBy(() -> BundleSettings.of(folder))
        .hasMessage("settings.properties is malformed");
    Files.write(
        folder.resolve("settings.properties"), new byte[] {'a', '.', 'b', '=', (byte) 0xff});
    assertThatThrownBy(() -> BundleSettings.of(folder))
        .hasMessage("settings.properties is malformed");
  }
}
