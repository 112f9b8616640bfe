package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.nats.client.JetStreamManagement;
import io.nats.client.Options;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.Source;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.jetstream.LogLines;

class BusStreamsTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private StreamConfiguration stream(String name) throws Exception {
    return nats.connection().jetStreamManagement().getStreamInfo(name).getConfiguration();
  }

  private void restart(String configuration) {
    nats.stop();
    nats.configure(configuration);
    nats.start();
  }

  @Test
  void createsTheStreams() throws Exception {
    try (BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      StreamConfiguration metrics = stream("TELEMETRY");
      assertThat(metrics.getSubjects()).containsExactly("telemetry.*.>");
      assertThat(metrics.getMaxAge()).isEqualTo(Duration.ofDays(7));
      assertThat(metrics.getMaxBytes()).isEqualTo(64 << 20);
      assertThat(metrics.getDuplicateWindow()).isEqualTo(Duration.ofMinutes(2));
      assertThat(metrics.getStorageType()).isEqualTo(StorageType.File);
      assertThat(metrics.getRetentionPolicy()).isEqualTo(RetentionPolicy.Limits);
      assertThat(metrics.getDiscardPolicy()).isEqualTo(DiscardPolicy.Old);
      StreamConfiguration inventory = stream("INVENTORY");
      assertThat(inventory.getSubjects()).containsExactly("inventory.>");
      assertThat(inventory.getMaxMsgsPerSubject()).isEqualTo(1);
    }
  }

  @Test
  void aShortMaxAgeShortensTheDuplicateWindow() throws Exception {
    try (BusContext edge = new BusContext(nats, "bus.max-age", "30s").start()) {
      edge.awaitStreams();
      assertThat(stream("TELEMETRY").getDuplicateWindow()).isEqualTo(Duration.ofSeconds(30));
    }
  }

  @Test
  void addsTheSubjectToAnExistingStreamAndKeepsItsLimits() throws Exception {
    JetStreamManagement management = nats.connection().jetStreamManagement();
    management.addStream(
        StreamConfiguration.builder()
            .name("TELEMETRY")
            .subjects("other.>")
            .maxAge(Duration.ofHours(36))
            .duplicateWindow(Duration.ofMinutes(5))
            .maxMessages(12345)
            .storageType(StorageType.Memory)
            .discardPolicy(DiscardPolicy.New)
            .description("ours")
            .build());
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      StreamConfiguration telemetry = stream("TELEMETRY");
      assertThat(telemetry.getSubjects()).containsExactlyInAnyOrder("telemetry.*.>", "other.>");
      assertThat(telemetry.getMaxAge()).isEqualTo(Duration.ofHours(36));
      assertThat(telemetry.getMaxBytes()).isEqualTo(-1);
      assertThat(telemetry.getDuplicateWindow()).isEqualTo(Duration.ofMinutes(5));
      assertThat(telemetry.getMaxMsgs()).isEqualTo(12345);
      assertThat(telemetry.getStorageType()).isEqualTo(StorageType.Memory);
      assertThat(telemetry.getDiscardPolicy()).isEqualTo(DiscardPolicy.New);
      assertThat(telemetry.getDescription()).isEqualTo("ours");
      assertThat(log.with("stream TELEMETRY"))
          .containsExactly(
              "WARN stream TELEMETRY keeps any size for 36h; bus.max-age=7d and bus.max-bytes=64MB"
                  + " apply only when a stream is created (change it with: nats stream edit"
                  + " TELEMETRY)");
    }
  }

  @Test
  void twoDevicesWithDifferentLimitsShareAServer() throws Exception {
    try (LogLines log = new LogLines();
        BusContext first = new BusContext(nats, "bus.max-bytes", "256MB").start()) {
      first.awaitStreams();
      try (BusContext second = new BusContext(nats).start()) {
        second.awaitStreams();
        for (int i = 0; i < 2; i++) {
          nats.kill();
          soon().until(() -> !first.bus.connected() && !second.bus.connected());
          nats.start();
          first.awaitStreams();
          second.awaitStreams();
        }
        assertThat(stream("TELEMETRY").getMaxBytes()).isEqualTo(256 << 20);
        assertThat(log.with("stream "))
            .containsExactly(
                "WARN stream TELEMETRY keeps 256MB for 7d; bus.max-bytes=64MB applies only when a"
                    + " stream is created (change it with: nats stream edit TELEMETRY)");
      }
    }
  }

  @Test
  void reportsAnotherStreamWithTheSubjectInOneLineAndInReadiness() throws Exception {
    JetStreamManagement management = nats.connection().jetStreamManagement();
    management.addStream(
        StreamConfiguration.builder().name("OLD").subjects("telemetry.test.metrics").build());
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats).start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream TELEMETRY"));
      assertThat(edge.bus.problem().orElse("")).contains("subjects overlap").contains("delete it");
      assertThat(log.with("stream TELEMETRY")).hasSize(1);
      management.deleteStream("OLD");
      edge.awaitStreams();
      assertThat(log.with("the streams are available again")).hasSize(1);
    }
  }

  @Test
  void anOversizedStreamIsReportedWithTheFix() throws Exception {
    restart("jetstream { max_file_store: 10MB }");
    try (BusContext edge = new BusContext(nats).start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream TELEMETRY"));
      assertThat(edge.bus.problem().orElse("")).contains("lower bus.max-bytes");
    }
  }

  /** Like Synadia Cloud. */
  @Test
  void obeysTheLimitsThatAnAccountRequires() throws Exception {
    restart(
        "accounts { EDGE { jetstream { max_bytes_required: true },"
            + " users = [ { user: edge, password: edge } ] } }");
    try (BusContext edge =
        new BusContext(nats, "nats.username", "edge", "nats.password", "edge").start()) {
      edge.awaitStreams();
      assertThat(edge.bus.problem()).isEmpty();
    }
  }

  @Test
  void aStreamThatCannotBeCreatedDoesNotAffectOthers() throws Exception {
    JetStreamManagement management = nats.connection().jetStreamManagement();
    management.addStream(
        StreamConfiguration.builder().name("OLD").subjects("telemetry.test.metrics").build());
    try (BusContext edge = new BusContext(nats).start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream TELEMETRY"));
      assertThat(stream("INVENTORY").getSubjects()).containsExactly("inventory.>");
      assertThat(stream("DEAD").getSubjects()).containsExactly("dead.>");
    }
  }

  @Test
  void namesAMissingPermission() throws Exception {
    restart(
        "authorization { users = [ { user: edge, password: edge,"
            + " permissions: { publish: { deny: \"$JS.API.STREAM.CREATE.>\" } } } ] }");
    try (BusContext edge =
        new BusContext(nats, "nats.username", "edge", "nats.password", "edge").start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream TELEMETRY"));
      assertThat(edge.bus.problem().orElse(""))
          .contains("may not publish to \"$JS.API.STREAM.CREATE.TELEMETRY\"");
    }
    assertThat(
            nats.connection(new Options.Builder().userInfo("edge", "edge"))
                .jetStreamManagement()
                .getStreamNames())
        .isEmpty();
  }

  @Test
  void namesTheServerOptionWhenJetStreamIsOff() throws Exception {
    try (NatsServer plain = new NatsServer("--without-jetstream").open();
        BusContext edge = new BusContext(plain).start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream TELEMETRY"));
      assertThat(edge.bus.problem().orElse("")).contains("nats-server -js");
    }
  }

  @Test
  void reportsReplicasWithoutAClusterOnce() throws Exception {
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats, "bus.replicas", "3").start()) {
      soon().until(() -> edge.bus.problem().isPresent() && edge.bus.connected());
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream TELEMETRY"));
      assertThat(log.with("bus.replicas"))
          .containsExactly(
              "WARN stream TELEMETRY: bus.replicas=3 needs a cluster of at least 3 nats-servers;"
                  + " found 127.0.0.1:"
                  + nats.port()
                  + " without a cluster; start or add servers, or lower bus.replicas");
    }
  }

  /** nats-server 2.9 accepts the update of an existing stream, and ignores it. */
  @Test
  void anExistingStreamKeepsItsReplicasWithoutACluster() throws Exception {
    try (BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
    }
    try (BusContext edge = new BusContext(nats, "bus.replicas", "3").start()) {
      soon().until(() -> edge.bus.problem().orElse("").contains("without a cluster"));
      assertThat(stream("TELEMETRY").getReplicas()).isEqualTo(1);
    }
  }

  @Test
  void addsNoSubjectToAStreamWithSources() throws Exception {
    nats.connection()
        .jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name("TELEMETRY")
                .sources(Source.builder().name("TELEMETRY").domain("leaf-1").build())
                .build());
    try (BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      assertThat(stream("TELEMETRY").getSubjects()).isEmpty();
      assertThat(stream("TELEMETRY").getSources()).hasSize(1);
    }
  }
}
