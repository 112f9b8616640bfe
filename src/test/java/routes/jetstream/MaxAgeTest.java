package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;

/** The option maxAge of a route. */
@Timeout(120)
class MaxAgeTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final Inbox inbox = new Inbox();

  @Test
  void olderMessagesAreSkippedAndCounted() throws Exception {
    try (BusContext edge = new BusContext(nats).start();
        LogLines log = new LogLines()) {
      edge.awaitStreams();
      edge.publish(0, 1000);
      soon().pollDelay(Duration.ofMillis(5_200)).until(() -> true);
      edge.publish(1000, 1010);
      edge.gateway("maxAge=5s&inFlight=8", inbox);
      soon().until(() -> inbox.count() == 10);
      assertThat(inbox.accepted())
          .containsExactlyInAnyOrderElementsOf(IntStream.range(1000, 1010).boxed().toList());
      soon().until(() -> edge.info().getNumAckPending() == 0 && edge.info().getNumPending() == 0);
      assertThat(edge.consumer().expired()).isEqualTo(1000);
      assertThat(edge.counter("bus.expired")).isEqualTo(1000);
      assertThat(edge.consumer().delivered()).isEqualTo(10);
      assertThat(edge.consumer().dead()).isZero();
      assertThat(edge.consumer().drops()).isZero();
      soon()
          .until(
              () ->
                  log.all()
                      .contains("WARN 1,000 messages skipped: older than maxAge of the route"));
    }
  }

  @Test
  void aMessageThatKeepsFailingIsSkippedWhenItIsTooOld() throws Exception {
    inbox.refuse((number, time) -> number == 0);
    try (BusContext edge = new BusContext(nats).gateway("maxAge=2s&inFlight=8", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 2);
      soon().until(() -> edge.consumer().expired() == 1);
      assertThat(inbox.accepted()).containsExactly(1);
      assertThat(edge.consumer().dead()).isZero();
    }
  }

  @Test
  void byDefaultNoMessageIsTooOld() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=8", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
      assertThat(edge.consumer().expired()).isZero();
    }
  }
}
