package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.log.Loops;

/** An Error in a loop of a consumer is reported under the loop's name. */
class ConsumerLoopsTest {
  private static final String PULL = "pull " + BusContext.DURABLE;
  private static final String TIMER = "jetstream timer";

  @RegisterExtension final NatsServer nats = new NatsServer();

  private final Inbox inbox = new Inbox();
  private final FakeUplink uplink = new FakeUplink();

  @AfterEach
  void revive() {
    Loops.loop(PULL, () -> {}).run();
    Loops.loop(TIMER, () -> {}).run();
  }

  private BusContext edge() throws Exception {
    BusContext edge = new BusContext(nats);
    edge.camel.getRegistry().bind("fake", uplink);
    return edge.gateway("inFlight=4&uplink=#fake", inbox).start();
  }

  @Test
  void anErrorStopsThePullAndARouteRestartResumesIt() throws Exception {
    try (BusContext edge = edge()) {
      edge.awaitStreams();
      edge.publish(0, 1);
      soon().until(() -> inbox.arrived(1));
      uplink.breakWith(new AssertionError("injected"));
      soon()
          .untilAsserted(
              () ->
                  assertThat(Loops.failed())
                      .containsEntry(PULL, "java.lang.AssertionError: injected"));
      uplink.breakWith(null);
      edge.stopGateway();
      edge.startGateway();
      edge.publish(1, 2);
      soon().until(() -> inbox.arrived(2));
      assertThat(Loops.failed()).doesNotContainKey(PULL);
    }
  }

  @Test
  void anErrorInATimerTaskIsReportedAndTheTaskContinues() throws Exception {
    try (BusContext edge = edge()) {
      edge.awaitStreams();
      AtomicInteger runs = new AtomicInteger();
      edge.camel
          .getComponent("jetstream", JetStreamComponent.class)
          .every(
              Duration.ofMillis(10),
              () -> {
                if (runs.incrementAndGet() == 1) {
                  throw new AssertionError("injected");
                }
              });
      soon().until(() -> runs.get() >= 3);
      assertThat(Loops.failed()).containsEntry(TIMER, "java.lang.AssertionError: injected");
    }
  }

  @Test
  void anErrorInARouteFailsItsMessage() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    try (BusContext edge =
        new BusContext(nats)
            .gateway(
                "inFlight=4",
                exchange -> {
                  if (tries.incrementAndGet() == 1) {
                    throw new StackOverflowError("injected");
                  }
                })
            .start()) {
      edge.awaitStreams();
      edge.publish(0, 1);
      soon().until(() -> edge.info().getNumAckPending() == 0 && tries.get() == 2);
    }
  }
}
