package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.nats.client.JetStreamManagement;
import io.nats.client.Options;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
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
  void theStreamsAreMade() throws Exception {
    try (BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      StreamConfiguration metrics = stream("METRICS");
      assertThat(metrics.getSubjects()).containsExactly("metrics.>");
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
  void aShortAgeShortensTheDuplicateWindow() throws Exception {
    try (BusContext edge = new BusContext(nats, "bus.max-age", "30s").start()) {
      edge.awaitStreams();
      assertThat(stream("METRICS").getDuplicateWindow()).isEqualTo(Duration.ofSeconds(30));
    }
  }

  @Test
  void limitsAreBroughtUpToDateAndTheRestStays() throws Exception {
    JetStreamManagement management = nats.connection().jetStreamManagement();
    management.addStream(
        StreamConfiguration.builder()
            .name("METRICS")
            .subjects("metrics.>", "other.>")
            .maxAge(Duration.ofHours(1))
            .duplicateWindow(Duration.ofMinutes(5))
            .maxMessages(12345)
            .storageType(StorageType.Memory)
            .description("ours")
            .build());
    try (BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      StreamConfiguration metrics = stream("METRICS");
      assertThat(metrics.getMaxAge()).isEqualTo(Duration.ofDays(7));
      assertThat(metrics.getMaxBytes()).isEqualTo(64 << 20);
      assertThat(metrics.getSubjects()).containsExactlyInAnyOrder("metrics.>", "other.>");
      assertThat(metrics.getDuplicateWindow()).isEqualTo(Duration.ofMinutes(5));
      assertThat(metrics.getMaxMsgs()).isEqualTo(12345);
      assertThat(metrics.getStorageType()).isEqualTo(StorageType.Memory);
      assertThat(metrics.getDescription()).isEqualTo("ours");
    }
    try (BusContext edge =
        new BusContext(nats, "bus.max-age", "1m", "bus.max-bytes", "1MB").start()) {
      edge.awaitStreams();
      assertThat(stream("METRICS").getMaxAge()).isEqualTo(Duration.ofMinutes(1));
      assertThat(stream("METRICS").getMaxBytes()).isEqualTo(1 << 20);
      assertThat(stream("METRICS").getDuplicateWindow()).isEqualTo(Duration.ofMinutes(1));
    }
  }

  @Test
  void anotherStreamWithTheSubjectIsOneLineAndSeenInReadiness() throws Exception {
    JetStreamManagement management = nats.connection().jetStreamManagement();
    management.addStream(
        StreamConfiguration.builder().name("OLD").subjects("metrics.test").build());
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats).start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream METRICS"));
      assertThat(edge.bus.problem().orElse("")).contains("subjects overlap").contains("delete it");
      assertThat(log.with("stream METRICS")).hasSize(1);
      management.deleteStream("OLD");
      edge.awaitStreams();
      assertThat(log.with("the streams are in order again")).hasSize(1);
    }
  }

  @Test
  void tooLargeAStreamSaysWhatToDo() throws Exception {
    restart("jetstream { max_file_store: 10MB }");
    try (BusContext edge = new BusContext(nats).start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream METRICS"));
      assertThat(edge.bus.problem().orElse("")).contains("lower bus.max-bytes");
    }
  }

  /** As Synadia Cloud does. */
  @Test
  void anAccountMayAskForLimits() throws Exception {
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
  void aStreamThatCantBeMadeStopsNoOther() throws Exception {
    JetStreamManagement management = nats.connection().jetStreamManagement();
    management.addStream(
        StreamConfiguration.builder().name("OLD").subjects("metrics.test").build());
    try (BusContext edge = new BusContext(nats).start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream METRICS"));
      assertThat(stream("INVENTORY").getSubjects()).containsExactly("inventory.>");
      assertThat(stream("DEAD").getSubjects()).containsExactly("dead.>");
    }
  }

  @Test
  void aMissingPermissionIsNamed() throws Exception {
    restart(
        "authorization { users = [ { user: edge, password: edge,"
            + " permissions: { publish: { deny: \"$JS.API.STREAM.CREATE.>\" } } } ] }");
    try (BusContext edge =
        new BusContext(nats, "nats.username", "edge", "nats.password", "edge").start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream METRICS"));
      assertThat(edge.bus.problem().orElse(""))
          .contains("may not publish to \"$JS.API.STREAM.CREATE.METRICS\"");
    }
    assertThat(
            nats.connection(new Options.Builder().userInfo("edge", "edge"))
                .jetStreamManagement()
                .getStreamNames())
        .isEmpty();
  }

  @Test
  void withoutJetStreamTheServersOptionIsNamed() throws Exception {
    try (NatsServer plain = new NatsServer("--without-jetstream").open();
        BusContext edge = new BusContext(plain).start()) {
      soon().until(() -> edge.bus.problem().orElse("").startsWith("stream METRICS"));
      assertThat(edge.bus.problem().orElse("")).contains("nats-server -js");
    }
  }
}
