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
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.aws.FleetProvisioning;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.azure.SandboxDps;

/** The first start of a device, and the subcommand provision, as processes. */
@Tag("slow")
@Timeout(240)
class ProvisionProcessTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String KEY =
      Base64.getEncoder().encodeToString("group-key-of-the-enrollment-12345".getBytes());

  @RegisterExtension static final NatsServer NATS = new NatsServer();

  @TempDir Path folder;
  private SandboxAzure hub;
  private SandboxDps service;
  private SandboxAws aws;
  private Certificates certificates;
  private final Map<String, String> settings = new HashMap<>();

  @BeforeEach
  void start() throws IOException {
    certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
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
    if (aws != null) {
      aws.close();
    }
  }

  private boolean hasFiles(String cloud) {
    try (Stream<Path> files = Files.walk(folder.resolve(cloud))) {
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
      await().atMost(SOON).until(() -> hasFiles("azure"));
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
  @EnumSource(SandboxDps.Step.class)
  void aKillDuringARegistrationLeavesNothing(SandboxDps.Step last) throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    service.holds = reaches(last, reached);
    killAndRunAgain(reached, () -> service.holds = step -> false);
    assertThat(folder.resolve("data/identity-azure")).exists();
  }

  @ParameterizedTest
  @EnumSource(FleetProvisioning.Step.class)
  void aKillDuringFleetProvisioningLeavesNothing(FleetProvisioning.Step last) throws Exception {
    useAws();
    CountDownLatch reached = new CountDownLatch(1);
    aws.provisioning.holds = reaches(last, reached);
    killAndRunAgain(reached, () -> aws.provisioning.holds = step -> false);
    assertThat(folder.resolve("data/identity-aws")).exists();
    assertThat(aws.provisioning.activated).hasValue(1);
  }

  private static <T> Predicate<T> reaches(T last, CountDownLatch reached) {
    return step -> {
      if (step == last) {
        reached.countDown();
      }
      return step == last;
    };
  }

  private void killAndRunAgain(CountDownLatch reached, Runnable goOn) throws Exception {
    try (RuntimeProcess command = RuntimeProcess.start(settings, "provision")) {
      assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
      command.process().destroyForcibly().waitFor();
      assertThat(command.output()).noneMatch(line -> line.contains("provisioned as"));
    }
    assertThat(folder.resolve("data")).isEmptyDirectory();
    goOn.run();
    try (RuntimeProcess command = RuntimeProcess.start(settings, "provision")) {
      assertThat(command.awaitExit()).as(() -> command.output().toString()).isZero();
      assertThat(command.output()).last().asString().contains(": provisioned as ");
    }
  }

  private void useAws() {
    aws = new SandboxAws(folder.resolve("aws"), certificates, "other").start(0);
    aws.provisioning.template("edge-devices", "line-");
    settings.keySet().removeIf(key -> key.startsWith("AZURE_"));
    settings.putAll(aws.claim("edge-devices"));
    settings.put("GATEWAYS", "aws");
  }

  @Test
  void theFirstStartGetsACertificateAndTheGatewayUsesIt() throws Exception {
    useAws();
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await().atMost(SOON).until(() -> aws.clients().contains("line-edge-1"));
      await().atMost(SOON).until(() -> hasFiles("aws"));
      assertThat(String.join("\n", runtime.output()))
          .contains("aws: provisioned as thing line-edge-1, certificate ")
          .doesNotContain("BEGIN");
    }
    assertThat(aws.provisioning.activated).hasValue(1);
    assertThat(aws.refusals()).isEmpty();
  }
}
