package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.DURABLE;
import static routes.jetstream.BusContext.GATEWAY;
import static routes.jetstream.BusContext.soon;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;

/** NATS away, killed, frozen and wiped. */
class JetStreamOutageTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final Inbox inbox = new Inbox();

  @Test
  void natsMayComeAfterTheStart() throws Exception {
    nats.kill();
    long start = System.nanoTime();
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4", inbox).start()) {
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(edge.camel.getRouteController().getRouteStatus(GATEWAY).isStarted()).isTrue();
      assertThat(edge.bus.connected()).isFalse();
      nats.start();
      edge.awaitStreams();
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
    }
  }

  @Test
  void theRouteStopsWhileNatsIsAway() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
      nats.kill();
      soon().until(() -> !edge.bus.connected());
      long start = System.nanoTime();
      edge.stopGateway();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
      edge.startGateway();
      nats.start();
      edge.awaitStreams();
      edge.publish(10, 20);
      soon().until(() -> inbox.arrived(20));
    }
  }

  @Test
  void whatWasDoneWhileNatsWasAwayIsAcknowledgedAfterwards() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    inbox.refuse((number, time) -> await(gate));
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 4);
      soon().until(() -> inbox.now() == 4);
      nats.stop(); // with time to write what it knows
      soon().until(() -> !edge.bus.connected());
      gate.countDown();
      soon().until(() -> inbox.count() == 4);
      nats.start();
      soon()
          .atMost(Duration.ofSeconds(10)) // less than the ack wait
          .ignoreExceptions()
          .until(() -> edge.info().getNumAckPending() == 0);
      assertThat(inbox.times(0)).isEqualTo(1);
      assertThat(edge.counter("bus.redeliveries")).isZero();
    }
  }

  @Test
  void everyTenthFailsAndNatsIsKilledInTheMiddle() throws Exception {
    inbox.refuse((number, time) -> number % 10 == 0 && time == 1 || pace());
    try (BusContext edge = new BusContext(nats).gateway("inFlight=16&ackWait=3s", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 2000);
      for (int i = 1; i <= 2; i++) {
        int some = i * 400;
        soon().until(() -> inbox.count() > some);
        nats.kill();
        nats.start();
      }
      soon().atMost(Duration.ofSeconds(60)).until(() -> inbox.arrived(2000));
      soon().until(() -> edge.info().getNumAckPending() == 0);
    }
  }

  @Test
  void aWipedServerGetsStreamAndConsumerAnew() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
      nats.kill();
      nats.wipe();
      nats.start();
      soon().until(() -> edge.bus.reconnects() == 1);
      edge.awaitStreams();
      edge.publish(10, 20);
      soon().until(() -> inbox.arrived(20));
    }
  }

  @Test
  void whatAWipedServerDeliveredAcknowledgesNothingOfTheNewOne() throws Exception {
    CountDownLatch old = new CountDownLatch(1);
    CountDownLatch young = new CountDownLatch(1);
    inbox.refuse((number, time) -> number < 4 ? await(old) : await(young));
    try (BusContext edge = new BusContext(nats).gateway("inFlight=8", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 4);
      soon().until(() -> inbox.now() == 4);
      nats.kill();
      nats.wipe();
      nats.start();
      soon().until(() -> edge.bus.reconnects() == 1);
      edge.awaitStreams();
      edge.publish(4, 8); // the same numbers in the new stream as the old four
      soon().until(() -> inbox.now() == 8);
      old.countDown();
      soon().until(() -> inbox.count() == 4);
      soon()
          .during(Duration.ofSeconds(1))
          .until(() -> edge.info().getAckFloor().getStreamSequence() == 0);
      assertThat(edge.info().getNumAckPending()).isEqualTo(4);
      young.countDown();
      soon().until(() -> inbox.count() == 8);
    }
  }

  @Test
  void aDeletedConsumerIsMadeAnew() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 5);
      soon().until(() -> inbox.count() == 5);
      nats.connection().jetStreamManagement().deleteConsumer("TELEMETRY", DURABLE);
      edge.publish(5, 10);
      soon().until(() -> inbox.arrived(10));
    }
  }

  @Test
  void aDeletedStreamIsMadeAnew() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 5);
      soon().until(() -> inbox.count() == 5);
      nats.connection().jetStreamManagement().deleteStream("TELEMETRY");
      soon().ignoreExceptions().until(() -> edge.info() != null);
      edge.publish(5, 10);
      soon().until(() -> inbox.count() == 10);
    }
  }

  @Test
  void aFrozenServerIsLeftAndFoundAgain() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4&ackWait=2s", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 5);
      soon().until(() -> inbox.count() == 5);
      nats.pause();
      soon().atMost(Duration.ofSeconds(60)).until(() -> !edge.bus.connected());
      nats.resume();
      soon().until(() -> edge.bus.problem().isEmpty());
      edge.publish(5, 10);
      soon().until(() -> inbox.count() == 10);
    }
  }

  private static boolean pace() {
    return await(new CountDownLatch(1), 5);
  }

  private static boolean await(CountDownLatch gate) {
    return await(gate, 30_000);
  }

  private static boolean await(CountDownLatch gate, int millis) {
    try {
      gate.await(millis, TimeUnit.MILLISECONDS);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
