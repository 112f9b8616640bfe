package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.sandbox.RuntimeProcess;

/** The language of the user changes neither digits nor names. */
class DefaultLocaleTest {
  @RegisterExtension static final NatsServer NATS = new NatsServer();

  @ParameterizedTest
  @CsvSource({"tr, TR", "ar, EG"})
  void settingsAndNumbersAreTheSame(String language, String country) throws Exception {
    Map<String, String> settings =
        Map.of(
            "JAVA_TOOL_OPTIONS",
            "-Duser.language=" + language + " -Duser.country=" + country,
            "NATS_SERVERS",
            NATS.url(),
            "DEVICE_ID",
            "edge-1",
            "COLLECT_PERIOD",
            "500ms");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> runtime.get("/health/ready").status() == 200);
      assertThat(runtime.get("/api/sample").body()).contains("\"deviceId\":\"edge-1\"");
      for (String page : new String[] {"/api/sample", "/metrics", "/health"}) {
        assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(runtime.get(page).body()))
            .as(page)
            .isTrue();
      }
      assertThat(runtime.output()).allMatch(StandardCharsets.US_ASCII.newEncoder()::canEncode);
    }
  }

  /** Also where camel-jbang, or a test, has set another language. */
  @Test
  void nothingOfOursAsksForTheDefault() {
    ArchRuleDefinition.noClasses()
        .should()
        .callMethod(String.class, "toLowerCase")
        .orShould()
        .callMethod(String.class, "toUpperCase")
        .orShould()
        .callMethod(String.class, "format", String.class, Object[].class)
        .check(new ClassFileImporter().importPath(Path.of("target/classes")));
  }
}
