package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.DURABLE;
import static routes.jetstream.BusContext.GATEWAY;
import static routes.jetstream.BusContext.soon;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;

/** NATS is unavailable, killed, frozen or wiped. */
@Tag("slow")
class JetStreamOutageTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final Inbox inbox = new Inbox();

  @Test
  void startsBeforeNats() throws Exception {
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
  void stopsTheRouteWithoutNats() throws Exception {
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
  void acknowledgesAfterReconnectingWhatCompletedDuringTheOutage() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    inbox.refuse((number, time) -> await(gate));
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4&ackWait=5m", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 4);
      soon().until(() -> inbox.now() == 4);
      nats.stop(); // with time to write its state
      soon().until(() -> !edge.bus.connected());
      gate.countDown();
      soon().until(() -> inbox.count() == 4);
      nats.start();
      soon().ignoreExceptions().until(() -> edge.info().getNumAckPending() == 0);
      assertThat(inbox.times(0)).isEqualTo(1);
      assertThat(edge.counter("bus.redeliveries")).isZero();
    }
  }

  @Test
  void losesNothingIfEveryTenthFailsAndNatsIsKilled() throws Exception {
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
  void recreatesStreamAndConsumerOnAWipedServer() throws Exception {
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
  void messagesOfAWipedServerAcknowledgeNothingOnTheNewOne() throws Exception {
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
      edge.publish(4, 8); // the same sequence numbers as the four in the old stream
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
  void recreatesADeletedConsumer() throws Exception {
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
  void recreatesADeletedStream() throws Exception {
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

  /** A killed server forgets acknowledgements that it has not stored. */
  @Test
  void aKilledServerCausesNoDuplicates() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=64", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 12_000);
      for (int kills = 1; kills <= 3; kills++) {
        int count = kills * 3_000;
        soon().pollInterval(Duration.ofMillis(5)).until(() -> inbox.count() > count);
        nats.kill();
        nats.start();
      }
      soon().until(() -> inbox.arrived(12_000));
      assertThat(inbox.count()).isEqualTo(12_000);
      soon().until(() -> edge.info().getNumAckPending() == 0);
    }
  }

  @Test
  void reconnectsAfterTheServerFreezes() throws Exception {
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
