package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/** A runtime that runs out of memory exits, so that its supervisor restarts it. */
class OutOfMemoryTest {
  private static final String ROUTE =
      """
      - route:
          id: collect-too-much
          from:
            uri: timer
            parameters:
              timerName: collect-too-much
            steps:
              - setBody: {constant: 0123456789}
              - loop:
                  expression: {constant: 40}
                  steps:
                    - setBody: {simple: '${body}${body}'}
      """;

  @TempDir Path folder;

  private Map<String, String> settings() throws Exception {
    Files.writeString(folder.resolve("collect-too-much.camel.yaml"), ROUTE);
    Map<String, String> settings = new HashMap<>();
    settings.put("ROUTES_DIRECTORY", folder.toString());
    settings.put("NATS_SERVERS", "nats://127.0.0.1:1");
    return settings;
  }

  @Test
  void exitsWith3WithoutAnyFlag() throws Exception {
    try (RuntimeProcess runtime = RuntimeProcess.start(settings())) {
      assertThat(runtime.awaitExit()).as("%s", runtime.output()).isEqualTo(3);
      assertThat(runtime.output())
          .anyMatch(line -> line.startsWith("cloud-iot-routes: out of memory, exiting: "));
    }
  }

  @Test
  void shippedFlagsStopItAtTheFirstOutOfMemoryError() throws Exception {
    assertThat(Files.readAllLines(Path.of("jvm.options"))).contains("-XX:+ExitOnOutOfMemoryError");
  }
}
