package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/** A jar started from another folder finds the routes and the data beside itself. */
class StartFromAnywhereTest {
  private static final Path CLASSES = Path.of("target/classes");

  @TempDir Path installed;
  @TempDir Path elsewhere;

  private Path jar() throws Exception {
    Path jar = installed.resolve("cloud-iot-routes.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> classes = Files.walk(CLASSES)) {
      for (Path each : classes.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(CLASSES.relativize(each).toString()));
        Files.copy(each, out);
      }
    }
    return jar;
  }

  private static String libraries() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void findsItsFolders() throws Exception {
    Path routes = Files.createDirectory(installed.resolve("routes-yaml"));
    Files.copy(
        Path.of("routes-yaml/collect-metrics.camel.yaml"),
        routes.resolve("collect-metrics.camel.yaml"));
    Files.writeString(
        Files.createDirectory(installed.resolve("data")).resolve("collect-period"), "7s");
    List<String> command =
        List.of(
            "/bin/sh",
            "-c",
            "cd \"$1\" && exec \"$2\" -cp \"$3\" routes.EdgeRuntime",
            "sh",
            elsewhere.toString(),
            System.getProperty("java.home") + "/bin/java",
            jar() + File.pathSeparator + libraries());
    try (RuntimeProcess runtime =
        RuntimeProcess.startCommand(command, Map.of("NATS_SERVERS", "nats://127.0.0.1:1"))) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.get("/health/live").status() == 200);
      assertThat(runtime.output()).anyMatch(line -> line.contains("collect.period is 7s, set by "));
      assertThat(elsewhere).isEmptyDirectory();
    }
  }
}
