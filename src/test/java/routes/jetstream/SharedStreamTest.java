package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.nats.client.JetStream;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;

/** Several devices and replicas of a gateway on a stream that is too small. */
@Tag("slow")
class SharedStreamTest {
  private static final Duration POLLS = Duration.ofSeconds(3);

  @RegisterExtension final NatsServer nats = new NatsServer();

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private BusContext gateway(String filter, String durable, FakeUplink uplink, Inbox inbox)
      throws Exception {
    BusContext edge = new BusContext(nats);
    open.add(edge);
    edge.camel.getRegistry().bind("fake", uplink);
    edge.route(
            BusContext.GATEWAY,
            "jetstream:"
                + filter
                + "?jetstreamName=TELEMETRY&inFlight=8&uplink=#fake&durableName="
                + durable,
            inbox)
        .start();
    edge.awaitStreams();
    return edge;
  }

  private void keepOnly(int messages) throws Exception {
    JetStreamManagement management = nats.connection().jetStreamManagement();
    StreamConfiguration found = management.getStreamInfo("TELEMETRY").getConfiguration();
    management.updateStream(StreamConfiguration.builder(found).maxMessages(messages).build());
  }

  /** Returns when nothing is pulled any longer. */
  private void lose(FakeUplink uplink, String stream, String durable) throws Exception {
    uplink.lose();
    JetStreamManagement management = nats.connection().jetStreamManagement();
    soon().until(() -> management.getConsumerInfo(stream, durable).getNumWaiting() == 0);
  }

  private void publish(String subject, int from, int to) throws Exception {
    JetStream stream = nats.connection().jetStream();
    CompletableFuture<?>[] acks = new CompletableFuture<?>[to - from];
    for (int i = from; i < to; i++) {
      acks[i - from] = stream.publishAsync(subject, Integer.toString(i).getBytes());
    }
    CompletableFuture.allOf(acks).get(60, TimeUnit.SECONDS);
  }

  @Test
  void countsOnlyTheMessagesOfTheDeviceDuringAnOutage() throws Exception {
    FakeUplink upA = new FakeUplink();
    FakeUplink upB = new FakeUplink();
    Inbox inboxA = new Inbox();
    Inbox inboxB = new Inbox();
    BusContext a = gateway("telemetry.a.>", "gateway-test_a", upA, inboxA);
    BusContext b = gateway("telemetry.b.>", "gateway-test_b", upB, inboxB);
    keepOnly(40);
    publish("telemetry.a.metrics", 0, 5);
    publish("telemetry.b.metrics", 0, 5);
    soon().until(() -> inboxA.count() == 5 && inboxB.count() == 5);
    lose(upA, "TELEMETRY", "gateway-test_a");
    soon().until(() -> a.gauge("bus.backlog") == 0);
    publish("telemetry.a.metrics", 5, 22);
    soon().until(() -> a.gauge("bus.backlog") == 17);
    TimeUnit.MILLISECONDS.sleep(1_200); // two polls
    // 32 more: 10 delivered ones and the 3 oldest of a's go, later 4 more of a's
    for (int i = 5; i < 35; i++) {
      publish("telemetry.b.metrics", i, i + 1);
      int sent = i + 1;
      soon().until(() -> inboxB.count() == sent);
    }
    soon().until(() -> a.gauge("bus.backlog") == 10);
    assertThat(a.counter("bus.drops")).as("not complete yet").isZero();
    upA.comeBack();
    soon().until(() -> inboxA.count() == 15);
    soon().until(() -> a.counter("bus.drops") == 7);
    soon().during(POLLS).until(() -> a.counter("bus.drops") == 7);
    assertThat(b.counter("bus.drops")).isZero();

    lose(upA, "TELEMETRY", "gateway-test_a");
    publish("telemetry.a.metrics", 22, 30);
    soon().until(() -> a.gauge("bus.backlog") == 8);
    TimeUnit.MILLISECONDS.sleep(1_200);
    publish("telemetry.b.metrics", 35, 95); // the stream turns over
    soon().until(() -> a.counter("bus.drops") == 15);
    soon().until(() -> inboxB.count() >= 35 + 40);
    publish("telemetry.b.metrics", 95, 135);
    soon().during(POLLS).until(() -> a.counter("bus.drops") == 15);
  }

  @Test
  void interleavedMessagesOfAnotherDeviceAreNotDrops() throws Exception {
    Inbox inbox = new Inbox();
    try (LogLines log = new LogLines()) {
      BusContext a = gateway("telemetry.a.>", "gateway-test_a", new FakeUplink(), inbox);
      keepOnly(30);
      for (int i = 0; i < 150; i++) {
        publish("telemetry.a.metrics", i, i + 1);
        publish("telemetry.b.metrics", i, i + 1);
        int sent = i + 1;
        soon().until(() -> inbox.count() == sent);
      }
      soon().during(POLLS).until(() -> a.counter("bus.drops") == 0);
      assertThat(log.with("dropped")).isEmpty();
    }
  }

  @Test
  void replicasDoNotCountEachOthersDeliveriesAsDrops() throws Exception {
    Inbox one = new Inbox();
    Inbox two = new Inbox();
    BusContext first = gateway("telemetry.a.>", "gateway-test_a", new FakeUplink(), one);
    BusContext second = gateway("telemetry.a.>", "gateway-test_a", new FakeUplink(), two);
    keepOnly(30);
    for (int i = 0; i < 300; i += 10) {
      publish("telemetry.a.metrics", i, i + 10);
      int sent = i + 10;
      soon().until(() -> one.count() + two.count() == sent);
      if (i == 150) {
        publish("telemetry.b.metrics", 0, 5);
      }
    }
    assertThat(one.count()).isPositive();
    assertThat(two.count()).isPositive();
    soon().during(POLLS).until(() -> first.counter("bus.drops") + second.counter("bus.drops") == 0);
  }

  @Test
  void aHubCountsTheMessagesOfAllDevices() throws Exception {
    FakeUplink up = new FakeUplink();
    Inbox inbox = new Inbox();
    BusContext hub = gateway("telemetry.*.>", "gateway-hub", up, inbox);
    keepOnly(20);
    lose(up, "TELEMETRY", "gateway-hub");
    publish("telemetry.a.metrics", 0, 15);
    publish("telemetry.b.press1", 15, 30);
    soon().until(() -> hub.counter("bus.drops") == 10);
    up.comeBack();
    soon().until(() -> inbox.count() == 20);
    soon().during(POLLS).until(() -> hub.counter("bus.drops") == 10);
  }

  /** A filter would slow down nats-server with each device more. */
  @Test
  void aHubHasNoFilterAndSkipsOtherSubjects() throws Exception {
    JetStreamManagement management = nats.connection().jetStreamManagement();
    try (BusContext first = new BusContext(nats)) {
      first.start().awaitStreams();
    }
    ConsumerConfiguration earlier =
        ConsumerConfiguration.builder()
            .durable("gateway-hub")
            .ackPolicy(AckPolicy.Explicit)
            .filterSubject("telemetry.*.>")
            .build();
    management.addOrUpdateConsumer("TELEMETRY", earlier);
    Inbox inbox = new Inbox();
    BusContext hub = gateway("telemetry.*.>", "gateway-hub", new FakeUplink(), inbox);
    soon().ignoreExceptions().until(() -> filter(management, "gateway-hub") == null);
    StreamConfiguration found = management.getStreamInfo("TELEMETRY").getConfiguration();
    management.updateStream(StreamConfiguration.builder(found).addSubjects("other.>").build());
    publish("other.a", 0, 5);
    publish("telemetry.a.metrics", 5, 10);
    soon().until(() -> inbox.count() == 5);
    assertThat(inbox.accepted()).doesNotContain(0, 4);
    soon().until(() -> hub.gauge("bus.backlog") == 0);

    gateway("telemetry.a.>", "gateway-a", new FakeUplink(), new Inbox());
    soon().ignoreExceptions().until(() -> "telemetry.a.>".equals(filter(management, "gateway-a")));
  }

  private static String filter(JetStreamManagement management, String durable) throws Exception {
    return management
        .getConsumerInfo("TELEMETRY", durable)
        .getConsumerConfiguration()
        .getFilterSubject();
  }

  @Test
  void aReplacedInventoryIsNotADrop() throws Exception {
    FakeUplink up = new FakeUplink();
    Inbox inbox = new Inbox();
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats)) {
      edge.camel.getRegistry().bind("fake", up);
      edge.route(
              BusContext.GATEWAY,
              "jetstream:inventory.a?jetstreamName=INVENTORY&uplink=#fake&durableName=inventory_a",
              inbox)
          .start();
      edge.awaitStreams();
      soon().until(() -> edge.gauge("bus.backlog") == 0);
      lose(up, "INVENTORY", "inventory_a");
      publish("inventory.a", 0, 5);
      publish("inventory.b", 0, 5);
      soon().until(() -> edge.gauge("bus.backlog") == 1);
      publish("inventory.a", 5, 10);
      TimeUnit.MILLISECONDS.sleep(1_200);
      up.comeBack();
      soon().until(() -> inbox.count() == 1);
      soon().during(POLLS).until(() -> edge.counter("bus.drops") == 0);
      assertThat(log.with("dropped")).isEmpty();
    }
  }
}
