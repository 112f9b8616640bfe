package routes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/** Processes in several locales read the same host with the same result. */
@Tag("slow")
@Timeout(180)
@EnabledOnOs(OS.LINUX)
class LocaleTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, List<String>> LOCALES =
      Map.of(
          "tr", List.of("C.UTF-8", "-Duser.language=tr", "-Duser.country=TR"),
          "ar", List.of("C", "-Duser.language=ar", "-Duser.country=EG"),
          "th", List.of("POSIX", "-Duser.language=th", "-Duser.country=TH", "-Duser.variant=TH"));

  /** Names that no locale's encoding can represent. */
  private static final String PREPARE =
      """
      mount_at() { mkdir -p "$1" && mount -t tmpfs -o size="$2" none "$1"; }
      mount_at "$1/mnt/$(printf 'Gr\\303\\266\\303\\237e')" 4m || exit
      mount_at "$1/mnt/$(printf 'caf\\351')" 8m || exit
      export DEVICE_LABELS=$(printf 'ort=K\\303\\266ln')
      shift
      exec "$@"
      """;

  @RegisterExtension static final NatsServer NATS = new NatsServer();

  @TempDir private Path root;

  @Test
  void readsTheSameInEveryLocale() throws Exception {
    assumeTrue(
        new ProcessBuilder("unshare", "-m", "true").start().waitFor() == 0,
        "mounting needs a user who may unshare");
    recordHost();
    List<RuntimeProcess> runtimes = new ArrayList<>();
    try {
      for (Map.Entry<String, List<String>> locale : LOCALES.entrySet()) {
        runtimes.add(start(locale.getKey(), locale.getValue()));
      }
      int i = 0;
      for (String name : LOCALES.keySet()) {
        RuntimeProcess runtime = runtimes.get(i++);
        await()
            .atMost(Duration.ofSeconds(60))
            .ignoreExceptions()
            .untilAsserted(() -> assertThat(inventory(name)).isNotNull());
        assertReadings(name, runtime);
      }
    } finally {
      runtimes.forEach(RuntimeProcess::close);
    }
  }

  private void assertReadings(String name, RuntimeProcess runtime) throws Exception {
    JsonNode sample = JSON.readTree(runtime.get("/api/sample").body());
    assertThat(sample.at("/deviceId").asText()).isEqualTo("edge-" + name);
    assertThat(sample.at("/labels/ort").asText()).as(name).isEqualTo("Köln");
    assertThat(sample.at("/timestamp").asText()).startsWith("20");
    JsonNode limits = sample.at("/metrics/system/filesystem/limit");
    assertThat(limits.path("/mnt/Größe").asLong()).as(name).isEqualTo(4L << 20);
    assertThat(limits.path("/mnt/caf\\xe9").asLong()).as(name).isEqualTo(8L << 20);
    assertThat(sample.at("/metrics/system/network/io/büro0/receive").asText()).isEqualTo("300");

    List<String> metrics =
        runtime
            .get("/metrics")
            .body()
            .lines()
            .filter(line -> line.startsWith("system_network_io") || line.contains("_limit_bytes{"))
            .sorted()
            .collect(Collectors.toList());
    assertThat(metrics)
        .as(name)
        .containsExactly(
            "system_filesystem_limit_bytes{system_filesystem_mountpoint=\"/mnt/Größe\"} 4194304.0",
            "system_filesystem_limit_bytes{system_filesystem_mountpoint=\"/mnt/caf\\\\xe9\"} 8388608.0",
            io("büro0", "receive", "300.0"),
            io("büro0", "transmit", "1.8446744073709552E19"),
            io("caf\\\\xe9", "receive", "500.0"),
            io("caf\\\\xe9", "transmit", "600.0"));
    assertThat(inventory(name).at("/interfaces/0/alias").asText()).as(name).isEqualTo("Büro Süd");
    assertThat(runtime.output()).noneMatch(line -> line.contains("cannot be read"));
  }

  private static String io(String name, String direction, String bytes) {
    return "system_network_io_bytes_total{network_interface_name=\"%s\",network_io_direction=\"%s\"} %s"
        .formatted(name, direction, bytes);
  }

  private RuntimeProcess start(String name, List<String> locale) throws IOException {
    List<String> command = new ArrayList<>(List.of("unshare", "-m", "bash", "-c", PREPARE, "bash"));
    command.add(root.toString());
    command.addAll(RuntimeProcess.command(locale.subList(1, locale.size()).toArray(String[]::new)));
    return RuntimeProcess.startCommand(
        command,
        Map.of(
            "LC_ALL", locale.get(0),
            "HOST_ROOT", root.toString(),
            "DEVICE_ID", "edge-" + name,
            "COLLECT_PERIOD", "1s",
            "NATS_SERVERS", NATS.url(),
            "DATA_DIRECTORY", root.resolve("data-" + name).toString()));
  }

  private JsonNode inventory(String name) throws Exception {
    var streams = NATS.connection().jetStreamManagement();
    return JSON.readTree(streams.getLastMessage("INVENTORY", "inventory.edge-" + name).getData());
  }

  private void recordHost() throws IOException {
    Path net = Files.createDirectories(root.resolve("proc/1/net"));
    for (String file : List.of("stat", "meminfo", "loadavg", "uptime", "vmstat", "diskstats")) {
      Files.copy(Path.of("/proc", file), root.resolve("proc").resolve(file));
    }
    String numbers = ": 300 4 0 0 0 0 0 0 18446744073709551615 4 0 0 0 0 0 0\n";
    Files.writeString(net.resolve("dev"), "büro0" + numbers, UTF_8);
    Files.write(
        net.resolve("dev"),
        ("caf\u00e9: 500 4 0 0 0 0 0 0 600 4 0 0 0 0 0 0\n").getBytes(ISO_8859_1),
        StandardOpenOption.APPEND);
    Path link = Files.createDirectories(root.resolve("sys/class/net/eth9"));
    Files.writeString(link.resolve("ifalias"), "Büro Süd\n", UTF_8);
    Files.writeString(link.resolve("address"), "02:fc:00:00:00:09\n");
  }
}
