package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;

/** The meters count every message exactly. */
@Tag("slow")
class ConsumerMetersTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final FakeUplink uplink = new FakeUplink();
  private final Inbox inbox = new Inbox();

  private BusContext gateway() throws Exception {
    BusContext edge = new BusContext(nats);
    edge.camel.getRegistry().bind("fake", uplink);
    edge.gateway("inFlight=4&uplink=#fake", inbox).start();
    edge.awaitStreams();
    return edge;
  }

  private void keepOnly(int messages) throws Exception {
    JetStreamManagement management = nats.connection().jetStreamManagement();
    StreamConfiguration found = management.getStreamInfo("TELEMETRY").getConfiguration();
    management.updateStream(StreamConfiguration.builder(found).maxMessages(messages).build());
  }

  @Test
  void backlogGrowsAndShrinks() throws Exception {
    uplink.lose();
    try (BusContext edge = gateway()) {
      soon().until(() -> edge.gauge("bus.backlog") == 0);
      edge.publish(0, 25);
      soon().until(() -> edge.gauge("bus.backlog") == 25);
      assertThat(edge.consumer().backlog()).isEqualTo(25);
      uplink.comeBack();
      soon().until(() -> edge.gauge("bus.backlog") == 0);
      assertThat(edge.counter("bus.delivered")).isEqualTo(25);
    }
  }

  @Test
  void backlogIncludesFailedMessages() throws Exception {
    inbox.refuse((number, time) -> number == 0);
    try (BusContext edge = gateway()) {
      edge.publish(0, 5);
      soon().until(() -> edge.gauge("bus.backlog") == 1);
      assertThat(edge.counter("bus.delivered")).isEqualTo(4);
      soon().until(() -> edge.counter("bus.refused") >= 2);
      assertThat(edge.counter("bus.redeliveries")).isEqualTo(edge.counter("bus.refused") - 1);
    }
  }

  @Test
  void countsMessagesThatTheLimitsRemoveDuringAnOutage() throws Exception {
    try (BusContext edge = gateway()) {
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
      keepOnly(20);
      uplink.lose();
      soon().until(() -> edge.info().getNumWaiting() == 0);
      edge.publish(10, 50);
      soon().until(() -> edge.counter("bus.drops") == 20);
      edge.publish(50, 60);
      soon().until(() -> edge.counter("bus.drops") == 30);
      uplink.comeBack();
      soon().until(() -> inbox.count() == 30);
      soon().during(Duration.ofSeconds(5)).until(() -> edge.counter("bus.drops") == 30);
      assertThat(edge.counter("bus.delivered")).isEqualTo(30);
    }
  }

  @Test
  void continuesCountingDropsAfterARouteRestart() throws Exception {
    try (BusContext edge = gateway()) {
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
      keepOnly(5);
      edge.stopGateway();
      edge.publish(10, 30);
      edge.startGateway();
      soon().until(() -> inbox.count() == 15);
      soon().until(() -> edge.counter("bus.drops") == 15);
      edge.stopGateway();
      edge.publish(30, 40);
      edge.startGateway();
      soon().until(() -> inbox.count() == 20);
      soon().during(Duration.ofSeconds(5)).until(() -> edge.counter("bus.drops") == 20);
      assertThat(edge.counter("bus.delivered")).isEqualTo(20);
    }
  }

  @Test
  void countsAFailedMessageThatTheLimitsRemoveAsADrop() throws Exception {
    inbox.refuse((number, time) -> number == 0);
    try (BusContext edge = gateway()) {
      edge.publish(0, 1);
      soon().until(() -> inbox.times(0) >= 2);
      keepOnly(5);
      for (int i = 1; i < 11; i++) {
        int sent = i;
        edge.publish(sent, sent + 1);
        soon().until(() -> inbox.count() == sent);
      }
      soon().until(() -> edge.counter("bus.drops") == 1);
      soon().until(() -> edge.gauge("bus.backlog") == 0);
      soon().during(Duration.ofSeconds(5)).until(() -> edge.counter("bus.drops") == 1);
    }
  }

  @Test
  void keepsTheLastValuesWithoutNats() throws Exception {
    try (BusContext edge = gateway()) {
      uplink.lose();
      soon().until(() -> edge.info().getNumWaiting() == 0);
      edge.publish(0, 7);
      soon().until(() -> edge.gauge("bus.backlog") == 7);
      assertThat(edge.gauge("bus.connected")).isEqualTo(1);
      nats.kill();
      soon().until(() -> edge.gauge("bus.connected") == 0);
      long start = System.nanoTime();
      assertThat(edge.gauge("bus.backlog")).isEqualTo(7);
      assertThat(System.nanoTime() - start).isLessThan(100_000_000);
    }
  }

  @Test
  void prometheusReceivesCountersWithHelp() throws Exception {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (BusContext edge = new BusContext(nats)) {
      edge.camel.getRegistry().bind("metricsRegistry", prometheus);
      edge.gateway("inFlight=4", inbox).start();
      edge.awaitStreams();
      assertThat(prometheus.getMeters())
          .extracting(Meter::getId)
          .extracting(Meter.Id::getName)
          .contains("bus.connected", "bus.backlog", "bus.drops");
      for (String counter :
          new String[] {"delivered", "refused", "dead", "expired", "redeliveries", "drops"}) {
        assertThat(prometheus.scrape())
            .contains("# HELP bus_" + counter + "_total ")
            .contains("# TYPE bus_" + counter + "_total counter")
            .contains("bus_" + counter + "_total{gateway=\"gateway-test\"}");
      }
      assertThat(prometheus.scrape())
          .contains("# TYPE bus_connected gauge")
          .contains("# HELP bus_connected ")
          .contains("# TYPE bus_backlog gauge");
    }
  }
}
