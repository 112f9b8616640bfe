package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/**
 * A limit that is too low prevents the start with one line, or disables a feature. The runtime
 * never hangs.
 */
@Tag("slow")
@Timeout(90)
@EnabledOnOs(OS.LINUX)
class LowLimitsTest {
  @TempDir private Path folder;

  @Test
  void reportsALowOpenFilesLimitInOneLine() throws Exception {
    try (RuntimeProcess runtime = start("ulimit -n 200; exec \"$@\"")) {
      assertThat(runtime.awaitExit()).isEqualTo(1);
      assertThat(runtime.output())
          .containsExactly(
              "cloud-iot-routes: the open file limit is 200, but must be at least 256; use ulimit -n 1024,"
                  + " or LimitNOFILE=1024 in a systemd unit");
    }
  }

  @Test
  void runsWithTheMinimumOpenFilesLimit() throws Exception {
    try (RuntimeProcess runtime = start("ulimit -n 256; exec \"$@\"")) {
      awaitSample(runtime);
    }
  }

  @Test
  void reportsAReadOnlyDataDirectoryInOneLine() throws Exception {
    assumeTrue(
        new ProcessBuilder("unshare", "-m", "true").start().waitFor() == 0,
        "mounting needs a user who may unshare");
    String data = Files.createDirectory(folder.resolve("data")).toString();
    String readOnly =
        "unshare -m bash -c 'mount -t tmpfs -o ro none " + data + " && exec \"$@\"' bash \"$@\"";
    try (RuntimeProcess runtime = start("exec " + readOnly)) {
      assertThat(runtime.awaitExit()).isEqualTo(1);
      assertThat(runtime.output())
          .singleElement()
          .asString()
          .contains("data.directory", data + " cannot be written");
    }
  }

  private RuntimeProcess start(String script) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "-c", script, "bash"));
    command.addAll(RuntimeProcess.command());
    return RuntimeProcess.startCommand(
        command,
        Map.of(
            "NATS_SERVERS", "nats://127.0.0.1:1",
            "DEVICE_ID", "edge-1",
            "DATA_DIRECTORY", folder.resolve("data").toString()));
  }

  private static void awaitSample(RuntimeProcess runtime) {
    await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> runtime.get("/api/sample").body().contains("\"deviceId\":\"edge-1\""));
  }
}
