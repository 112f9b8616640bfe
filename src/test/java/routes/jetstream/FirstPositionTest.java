package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static routes.jetstream.BusContext.soon;

import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.NatsServer;

@Timeout(120)
class FirstPositionTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final Inbox inbox = new Inbox();
  private BusContext edge;

  @BeforeEach
  void tenMessages() throws Exception {
    edge = new BusContext(nats).start();
    edge.awaitStreams();
    edge.publish(0, 10);
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  private void receives(int from, int to) {
    soon().until(() -> inbox.count() >= to - from);
    assertThat(inbox.accepted()).isEqualTo(numbers(from, to));
  }

  private static List<Integer> numbers(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  /** The time of the newest message. */
  private Instant last() throws Exception {
    return nats.connection()
        .jetStreamManagement()
        .getStreamInfo("TELEMETRY")
        .getStreamState()
        .getLastTime()
        .toInstant();
  }

  @ParameterizedTest
  @ValueSource(strings = {"inFlight=1", "deliverPolicy=all", "deliverPolicy=1h"})
  void startsWithRecentMessages(String options) throws Exception {
    edge.gateway(options, inbox);
    receives(0, 10);
  }

  @Test
  void startsWithNewMessages() throws Exception {
    edge.gateway("deliverPolicy=new", inbox);
    soon().until(() -> edge.consumer().backlog() == 0);
    edge.publish(10, 20);
    receives(10, 20);
    assertThat(edge.consumer().drops()).isZero();
    // a server that loses the consumer's progress starts here again
    ConsumerConfiguration consumer = edge.info().getConsumerConfiguration();
    assertThat(consumer.getDeliverPolicy()).isEqualTo(DeliverPolicy.ByStartSequence);
    assertThat(consumer.getStartSequence()).isEqualTo(11);
  }

  @Test
  void startsAtATime() throws Exception {
    Instant from = last().plusMillis(20);
    soon().until(() -> Instant.now().isAfter(from.plusMillis(20)));
    edge.publish(10, 20);
    edge.gateway("deliverPolicy=" + from, inbox);
    receives(10, 20);
  }

  @Test
  void startsATimeBack() throws Exception {
    Instant later = last().plusMillis(4_200);
    soon().until(() -> Instant.now().isAfter(later));
    edge.publish(10, 20);
    edge.gateway("deliverPolicy=4s", inbox);
    receives(10, 20);
  }

  /** The device's clock may be ahead of the server's. */
  @Test
  void aTimeInTheFutureSkipsNoMessageToCome() throws Exception {
    edge.gateway("deliverPolicy=" + Instant.now().plus(Duration.ofDays(1)), inbox);
    soon().until(() -> edge.consumer().backlog() == 0);
    edge.publish(10, 20);
    receives(10, 20);
  }

  @Test
  void anExistingConsumerKeepsItsPosition() throws Exception {
    edge.gateway("deliverPolicy=all", inbox);
    receives(0, 10);
    edge.close();
    try (BusContext again = new BusContext(nats).start()) {
      again.awaitStreams();
      again.publish(10, 20);
      again.gateway("deliverPolicy=new", inbox);
      soon().until(() -> inbox.count() == 20);
      assertThat(inbox.accepted()).isEqualTo(numbers(0, 20));
    }
  }

  /** Nothing that waits may be skipped. */
  @Test
  void aConsumerDeletedWhileInUseStartsAtTheOldestMessage() throws Exception {
    FakeUplink uplink = new FakeUplink();
    uplink.lose();
    edge.camel.getRegistry().bind("uplink", uplink);
    edge.gateway("deliverPolicy=new&uplink=#uplink", inbox);
    soon().until(() -> edge.consumer().backlog() == 0);
    edge.publish(10, 20);
    soon().until(() -> edge.consumer().backlog() == 10);
    nats.connection().jetStreamManagement().deleteConsumer("TELEMETRY", BusContext.DURABLE);
    uplink.comeBack();
    soon().until(() -> inbox.accepted().containsAll(numbers(10, 20)));
  }

  @Test
  void rejectsAnythingElse() {
    for (String text : List.of("", "newest", "10", "2026-11-30", "1 h", "tomorrow")) {
      assertThatThrownBy(() -> FirstPosition.of(text))
          .hasMessage(
              "jetstream: invalid value \""
                  + text
                  + "\" for the option deliverPolicy; use all, new, a time back such as 1h, or a"
                  + " date such as 2026-11-30T08:00:00Z");
    }
  }
}
