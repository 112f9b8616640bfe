package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** Any character in a variable, in the locale that containers have. */
class EnvironmentTest {
  private static final String SECRET = "pässwörd €{{x}} '\"\\$HOME `#";

  /** The process of the test. */
  public static final class Print {
    public static void main(String[] args) {
      String secret = new Settings(new DefaultCamelContext()).find("mqtt.password").orElse("none");
      System.out.writeBytes(secret.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void everyCharacterIsReadInTheLocaleC() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Print.class.getName());
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("MQTT_PASSWORD", SECRET);
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    assertThat(printed.strip()).endsWith(SECRET);
  }
}
