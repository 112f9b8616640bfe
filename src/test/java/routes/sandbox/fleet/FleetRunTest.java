package routes.sandbox.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./run fleet} as a user starts it. */
@Tag("slow")
@Timeout(300)
class FleetRunTest {
  @TempDir Path folder;
  private Process run;

  private String output() throws Exception {
    return Files.readString(folder.resolve("output"), StandardCharsets.UTF_8);
  }

  private void start(String... words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("./run", "fleet");
    builder.command().addAll(List.of(words));
    run =
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("output").toFile()).start();
  }

  @AfterEach
  void stop() {
    run.descendants().forEach(ProcessHandle::destroyForcibly);
    run.destroyForcibly();
  }

  /** The nats-server, which has a session of its own. */
  private static List<String> servers() {
    String data = Path.of("target/sandbox/fleet/nats").toString();
    return ProcessHandle.allProcesses()
        .filter(each -> each.info().commandLine().orElse("").contains("-sd " + data))
        .map(each -> each.info().commandLine().orElse(""))
        .toList();
  }

  @Test
  void rollsOutToTenDevicesOfWhichOneReturns() throws Exception {
    start("10");
    assertThat(run.waitFor(270, TimeUnit.SECONDS)).as(output()).isTrue();
    assertThat(output())
        .containsPattern("\\n10 devices connected in [0-9.]+ s ")
        .containsPattern(
            "\\nrolled out version 1 to 10 devices in [0-9.]+ s: 10 accepted, 0 rolled back, 0"
                + " other\\n")
        .containsPattern(
            "\\nrolled out version 2 to 10 devices in [0-9.]+ s: 9 accepted, 1 rolled back as"
                + " intended, 0 other\\n"
                + "  edge-001 reports: route plant failed with each of \\d+ messages\\n")
        .containsPattern("\\n10 devices connected again in [0-9.]+ s \\(\\d+ per second; ")
        .containsPattern("\\nsamples: sent [1-9]\\d*, arrived [1-9]\\d*, lost 0\\n");
    assertThat(run.exitValue()).isZero();
    assertThat(servers()).isEmpty();
  }

  @Test
  void aSignalStopsEverything() throws Exception {
    start("2");
    while (!output().contains("version 1 forwards")) {
      assertThat(run.isAlive()).as(output()).isTrue();
      TimeUnit.MILLISECONDS.sleep(100);
    }
    assertThat(servers()).hasSize(1);
    run.destroy();
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).as(output()).isTrue();
    assertThat(run.exitValue()).isEqualTo(130);
    assertThat(servers()).isEmpty();
  }

  @Test
  void theNumberOfDevicesIsBounded() throws Exception {
    start("501");
    assertThat(run.waitFor()).isEqualTo(2);
    assertThat(output()).isEqualTo("usage: ./run fleet [N], with N from 2 to 500\n");
  }
}
