package routes.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.NatsServer;
import routes.sandbox.RuntimeProcess;

/**
 * A command for operators costs nothing, and nobody can run it, unless commands.allow permits it.
 */
class OperationsOnDemandTest {
  @RegisterExtension static final NatsServer NATS = new NatsServer();

  @TempDir Path folder;

  @Test
  void byDefaultNoClassIsLoadedAndNothingResponds() throws Exception {
    assertThat(loaded("ping,sample,collect-period", false, "restart", "logs", "dead"))
        .containsExactly("routes.operations.OperationsConfiguration");
  }

  @Test
  void anAllowedCommandLoadsOnlyItsOwnClasses() throws Exception {
    assertThat(loaded("routes", true, "routes"))
        .contains("routes.operations.RoutesOperation")
        .doesNotContain("routes.operations.LogsOperation", "routes.log.RecentLines");
  }

  @Test
  void anAsteriskAllowsAll() throws Exception {
    assertThat(loaded("*", true, "logs", "dead", "settings"))
        .contains("routes.operations.LogsOperation", "routes.operations.DeadOperation");
  }

  /** The classes of the package that the runtime loads when it receives these commands. */
  private List<String> loaded(String allow, boolean answered, String... commands) throws Exception {
    Path log = folder.resolve("classes.log");
    Map<String, String> settings =
        Map.of(
            "DEVICE_ID",
            "edge-1",
            "NATS_SERVERS",
            NATS.url(),
            "GATEWAYS",
            "none",
            "COMMANDS_ALLOW",
            allow,
            "DATA_DIRECTORY",
            folder.resolve("data").toString());
    List<String> command = RuntimeProcess.command("-Xlog:class+load=info:file=" + log);
    try (RuntimeProcess runtime = RuntimeProcess.startCommand(command, settings)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.get("/health/ready").status() == 200);
      for (String name : commands) {
        Message reply =
            NATS.connection()
                .request("commands.edge-1." + name, new byte[0], Duration.ofSeconds(10));
        assertThat(reply != null).as(name + " is answered").isEqualTo(answered);
      }
    }
    return Files.readAllLines(log).stream()
        .filter(line -> line.contains("] routes.operations.") || line.contains("RecentLines "))
        .map(line -> line.replaceFirst(".*] (routes\\.\\S+) .*", "$1"))
        .filter(name -> !name.contains("$$Lambda") && !name.contains("/0x"))
        .toList();
  }
}
