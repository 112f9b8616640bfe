package routes.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GivenSettingsTest {
  @Test
  void areTheSettingsInTheEnvironmentWithoutSecrets() {
    Map<String, String> settings =
        Map.of(
            "ROUTES_TRUSTED_KEY", "MCowBQ",
            "COMMANDS_ALLOW", "ping,dead",
            "GATEWAYS", "aws, mqtt-plant",
            "MQTT_PLANT_URL", "tcp://plant:1883",
            "MQTT_PLANT_PASSWORD_FILE", "/run/secrets/plant");
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("MQTT_PLANT_PASSWORD", "s3cret");
    environment.put("MQTT_PASSWORD", "s3cret");
    environment.put("AZURE_CONNECTION_STRING", "HostName=h;SharedAccessKey=s3cret");
    environment.put("AWS_SECRET_ACCESS_KEY", "s3cret");
    environment.put("DEVICE_ID", "two\nlines");
    environment.put("PATH", "/bin");
    assertThat(GivenSettings.of(environment)).isEqualTo(settings);
  }
}
