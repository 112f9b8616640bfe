package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;

/** What a gateway does while its cloud is unavailable. */
class UplinkTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final FakeUplink uplink = new FakeUplink();
  private final Inbox inbox = new Inbox();

  private BusContext gateway(String options) throws Exception {
    BusContext edge = new BusContext(nats);
    edge.camel.getRegistry().bind("fake", uplink);
    edge.gateway(options + "&uplink=#fake", inbox).start();
    edge.awaitStreams();
    return edge;
  }

  @Test
  void pullsNothingDuringAnOutage() throws Exception {
    try (BusContext edge = gateway("inFlight=8&ackWait=5m")) {
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
      uplink.lose();
      soon().until(() -> edge.info().getNumWaiting() == 0);
      edge.publish(10, 30);
      soon().during(Duration.ofSeconds(1)).until(() -> edge.info().getNumPending() == 20);
      assertThat(edge.info().getNumAckPending()).isZero();
      assertThat(edge.info().getDelivered().getConsumerSequence()).isEqualTo(10);
      uplink.comeBack();
      soon().until(() -> inbox.count() == 30);
      assertThat(edge.counter("bus.redeliveries")).isZero();
    }
  }

  @Test
  void redeliversSoonAfterAnOutageWithoutCountingARefusal() throws Exception {
    inbox.refuse(
        (number, time) -> {
          if (time <= 3) {
            uplink.lose();
            return true;
          }
          return false;
        });
    try (BusContext edge = gateway("inFlight=1")) {
      edge.publish(0, 1);
      for (int outage = 1; outage <= 3; outage++) {
        int times = outage;
        soon().until(() -> inbox.times(0) == times && !uplink.connected());
        uplink.comeBack();
      }
      // Three outages, a second each: the delay has not grown.
      soon().atMost(Duration.ofSeconds(6)).until(() -> inbox.count() == 1);
      assertThat(edge.counter("bus.refused")).isZero();
      assertThat(edge.counter("bus.delivered")).isEqualTo(1);
      assertThat(edge.counter("bus.redeliveries")).isEqualTo(3);
    }
  }

  @Test
  void doesNotCountAFailureCausedByAnEarlierOutage() throws Exception {
    inbox.refuse(
        (number, time) -> {
          if (time == 1) {
            uplink.lose();
            uplink.comeBack();
          }
          return time == 1;
        });
    try (BusContext edge = gateway("inFlight=1")) {
      edge.publish(0, 1);
      soon().until(() -> inbox.count() == 1);
      assertThat(edge.counter("bus.refused")).isZero();
    }
  }

  @Test
  void countsARefusalByAConnectedUplink() throws Exception {
    inbox.refuse((number, time) -> time <= 2);
    try (BusContext edge = gateway("inFlight=1")) {
      edge.publish(0, 1);
      soon().until(() -> inbox.count() == 1);
      assertThat(edge.counter("bus.refused")).isEqualTo(2);
      assertThat(edge.consumer().refused()).isEqualTo(2);
      assertThat(edge.consumer().delivered()).isEqualTo(1);
      assertThat(edge.consumer().uplink()).containsSame(uplink);
    }
  }
}
