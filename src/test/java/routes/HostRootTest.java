package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/** host.root: the runtime in a container measures the host mounted there. */
@Timeout(90)
@EnabledOnOs(OS.LINUX)
class HostRootTest {
  private static final Pattern INTERFACE =
      Pattern.compile("system_network_io_bytes_total\\{network_interface_name=\"([^\"]+)\"");

  @TempDir Path folder;

  /** Otherwise JUnit warns about each link that it deletes. */
  @AfterEach
  void unlink() throws IOException {
    try (Stream<Path> links = Files.find(folder, 2, (path, file) -> file.isSymbolicLink())) {
      for (Path link : links.toList()) {
        Files.delete(link);
      }
    }
  }

  @Test
  void measuresTheMountedHost() throws Exception {
    Path proc = Files.createDirectory(folder.resolve("proc"));
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[!0-9]*")) {
      for (Path entry : entries) {
        Files.createSymbolicLink(proc.resolve(entry.getFileName()), entry);
      }
    }
    Path net = Files.createDirectories(proc.resolve("1/net"));
    Files.writeString(net.resolve("dev"), "pump0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n");
    Files.createSymbolicLink(folder.resolve("sys"), Path.of("/sys"));
    Files.createDirectory(folder.resolve("etc"));
    Files.writeString(folder.resolve("etc/hostname"), "pump-7\n");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings())) {
      await()
          .atMost(Duration.ofSeconds(40))
          .ignoreExceptions()
          .until(() -> runtime.get("/api/sample").body().contains("\"deviceId\":\"pump-7\""));
      String metrics = runtime.get("/metrics").body();
      assertThat(interfaces(metrics)).containsExactly("pump0");
      assertThat(metrics).contains("system_process_count_processes 1.0");
      // nothing is mounted below it, and the mounts here are not those of a host
      assertThat(metrics).doesNotContain("system_filesystem").contains("system_memory_usage_bytes");
      assertThat(metrics).doesNotContainPattern("collector_success\\{family=\"[a-z]+\"} 0");
    }
  }

  @Test
  void rejectsAFolderWhereNoHostIsMounted() throws Exception {
    try (RuntimeProcess runtime = RuntimeProcess.start(settings())) {
      assertThat(runtime.awaitExit()).isEqualTo(1);
      assertThat(runtime.output())
          .containsExactly(
              "cloud-iot-routes: host.root: "
                  + folder.resolve("proc/stat")
                  + " does not exist; mount the host's / at "
                  + folder);
    }
  }

  private Map<String, String> settings() {
    return Map.of(
        "HOST_ROOT", folder.toString(),
        "NATS_SERVERS", "nats://127.0.0.1:1",
        "DATA_DIRECTORY", folder.resolve("data").toString());
  }

  private static Set<String> interfaces(String metrics) {
    Set<String> names = new TreeSet<>();
    Matcher line = INTERFACE.matcher(metrics);
    while (line.find()) {
      names.add(line.group(1));
    }
    return names;
  }
}
