package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.azure.SandboxDps;
import routes.sandbox.azure.SandboxDps.Step;

/** The first start of a device, and the subcommand provision, as processes. */
@Timeout(240)
class ProvisionProcessTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String KEY =
      Base64.getEncoder().encodeToString("group-key-of-the-enrollment-12345".getBytes());

  @RegisterExtension static final NatsServer NATS = new NatsServer();

  @TempDir Path folder;
  private SandboxAzure hub;
  private SandboxDps service;
  private final Map<String, String> settings = new HashMap<>();

  @BeforeEach
  void start() throws IOException {
    Certificates certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
    hub =
        new SandboxAzure(folder.resolve("azure"), certificates)
            .withBatchTime(Duration.ofMillis(100))
            .start(0);
    service = new SandboxDps(hub, certificates).start(0);
    service.enrollGroup(KEY);
    settings.putAll(service.settings());
    settings.put("GATEWAYS", "azure");
    settings.put("DEVICE_ID", "edge-1");
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put(
        "AZURE_DPS_GROUP_KEY_FILE", Files.writeString(folder.resolve("k"), KEY).toString());
    settings.put("NATS_SERVERS", NATS.url());
    settings.put("COLLECT_PERIOD", "500ms");
    settings.put("RECONNECT_MIN", "100ms");
    settings.put("RECONNECT_MAX", "500ms");
  }

  @AfterEach
  void stop() {
    service.close();
    hub.close();
  }

  private boolean hasFiles() {
    try (Stream<Path> files = Files.walk(folder.resolve("azure"))) {
      return files.anyMatch(Files::isRegularFile);
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  @Test
  void theFirstStartWaitsForTheServiceAndTheGatewayUsesTheIdentity() throws Exception {
    service.disappear();
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await()
          .atMost(SOON)
          .until(
              () ->
                  runtime.output().stream()
                      .anyMatch(line -> line.contains("WARN  provision - azure: unreachable")));
      service.reappear();
      await().atMost(SOON).until(this::hasFiles);
      assertThat(hub.clients()).containsExactly("edge-1");
      assertThat(String.join("\n", runtime.output()))
          .contains("azure: not provisioned yet; requesting an identity")
          .contains("azure: provisioned as device edge-1 at localhost")
          .doesNotContain(KEY);
    }
    assertThat(service.assigned).hasValue(1);
    service.close();
    settings.remove("AZURE_DPS_GROUP_KEY_FILE");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await().atMost(SOON).until(() -> hub.clients().contains("edge-1"));
      assertThat(String.join("\n", runtime.output())).doesNotContain("provision - ");
    }
  }

  @Test
  void aSignalEndsTheWait() throws Exception {
    service.close();
    settings.put("RECONNECT_MIN", "1h");
    settings.put("RECONNECT_MAX", "2h");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await()
          .atMost(SOON)
          .until(() -> runtime.output().stream().anyMatch(line -> line.contains("retrying in")));
      runtime.process().destroy();
      assertThat(runtime.awaitExit()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void aKillAtAnyStepLeavesNothing(Step last) throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    service.holds =
        step -> {
          if (step == last) {
            reached.countDown();
          }
          return step == last;
        };
    try (RuntimeProcess command = RuntimeProcess.start(settings, "provision")) {
      assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
      command.process().destroyForcibly().waitFor();
      assertThat(command.output()).noneMatch(line -> line.contains("provisioned as"));
    }
    assertThat(folder.resolve("data/identity-azure")).doesNotExist();
    service.holds = step -> false;
    try (RuntimeProcess command = RuntimeProcess.start(settings, "provision")) {
      assertThat(command.awaitExit()).as(() -> command.output().toString()).isZero();
      assertThat(command.output()).last().asString().startsWith("azure: provisioned as device");
    }
    assertThat(folder.resolve("data/identity-azure")).exists();
  }
}
