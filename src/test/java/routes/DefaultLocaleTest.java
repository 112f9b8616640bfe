package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.sandbox.RuntimeProcess;

/** The user's locale changes neither digits nor names. */
@Tag("slow")
class DefaultLocaleTest {
  @RegisterExtension static final NatsServer NATS = new NatsServer();

  @ParameterizedTest
  @CsvSource({"tr, TR", "ar, EG"})
  void settingsAndNumbersDoNotDependOnTheLocale(String language, String country) throws Exception {
    Map<String, String> settings =
        Map.of(
            "JAVA_TOOL_OPTIONS",
            "-Duser.language=" + language + " -Duser.country=" + country,
            "NATS_SERVERS",
            NATS.url(),
            "DEVICE_ID",
            "edge-1",
            "GATEWAYS",
            "none",
            "COLLECT_PERIOD",
            "500ms");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await()
          .atMost(Duration.ofSeconds(60))
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

  /** Also if camel-jbang or a test has set another locale. */
  @Test
  void noCodeUsesTheDefaultLocale() {
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
