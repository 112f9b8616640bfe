package routes.settings;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any character in a variable, in the locale of containers. */
class EnvironmentTest {
  private static final String SECRET = "pässwörd €{{x}} '\"\\$HOME `#";

  /** The process that the test starts. */
  public static final class Print {
    public static void main(String[] args) {
      String secret = new Settings(new DefaultCamelContext()).find("mqtt.password").orElse("none");
      System.out.writeBytes(secret.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void readsEveryCharacterInLocaleC() throws Exception {
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

  @Test
  void readsNonAsciiVariablesAsUtf8(@TempDir Path folder) throws Exception {
    ByteArrayOutputStream environ = new ByteArrayOutputStream();
    environ.writeBytes("PATH=/bin\0DEVICE_LABELS=ort=Köln\0LATIN=".getBytes("UTF-8"));
    environ.writeBytes("caf\u00e9\0".getBytes(ISO_8859_1));
    Path file = Files.write(folder.resolve("environ"), environ.toByteArray());

    assertThat(Environment.exact(file)).isEqualTo(Map.of("DEVICE_LABELS", "ort=Köln"));
    assertThat(Environment.exact(folder.resolve("absent"))).isEmpty();
  }
}
