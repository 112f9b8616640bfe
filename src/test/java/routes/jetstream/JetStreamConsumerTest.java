package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.nats.client.JetStream;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.AsyncProcessorSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;

/** Delivery, acknowledgement and order, while NATS is available. */
class JetStreamConsumerTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final Inbox inbox = new Inbox();

  @Test
  void deliversBodyAndHeaders() throws Exception {
    Queue<Message> messages = new ConcurrentLinkedQueue<>();
    try (BusContext edge =
        new BusContext(nats).gateway("inFlight=4", e -> messages.add(e.getIn().copy())).start()) {
      edge.awaitStreams();
      nats.connection()
          .jetStream()
          .publish(
              NatsMessage.builder()
                  .subject("telemetry.test.metrics")
                  .data("hello")
                  .headers(
                      new Headers()
                          .add("Nats-Msg-Id", "01J")
                          .add("two", "a", "b")
                          .add("CamelPahoOverrideTopic", "evil")
                          .add("camelHttpUri", "evil"))
                  .build());
      soon().until(() -> messages.size() == 1);
      assertThat(messages.peek().getBody()).isEqualTo("hello".getBytes());
      Map<String, Object> headers = messages.peek().getHeaders();
      assertThat(headers)
          .containsEntry("Nats-Msg-Id", "01J")
          .containsEntry("two", List.of("a", "b"))
          .containsEntry("CamelNatsSubject", "telemetry.test.metrics")
          .containsEntry("CamelNatsStreamSequence", 1L)
          .containsEntry("CamelNatsDelivered", 1L)
          .containsEntry("CamelNatsRefused", 0)
          .doesNotContainKeys("CamelPahoOverrideTopic", "camelHttpUri");
      assertThat((Long) headers.get("CamelNatsMessageTimestamp"))
          .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 1000);
    }
  }

  @Test
  void aSingleMessageArrivesWithinMilliseconds() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=64", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
      long best = Long.MAX_VALUE;
      for (int i = 10; i < 20; i++) {
        long start = System.nanoTime();
        edge.publish(i, i + 1);
        int expected = i + 1;
        soon().pollInterval(Duration.ofMillis(1)).until(() -> inbox.count() == expected);
        best = Math.min(best, System.nanoTime() - start);
      }
      assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(50));
    }
  }

  @Test
  void deliversMessagesOlderThanTheConsumerInOrder() throws Exception {
    try (BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      edge.publish(0, 1000);
      edge.gateway("inFlight=1", inbox);
      soon().until(() -> inbox.count() == 1000);
      assertThat(inbox.accepted()).isEqualTo(IntStream.range(0, 1000).boxed().toList());
      assertThat(inbox.most()).isEqualTo(1);
      soon().until(() -> edge.info().getNumAckPending() == 0);
    }
  }

  /** As docs/operate.md adds a gateway that starts with new messages. */
  @Test
  void keepsTheStartOfAConsumerThatAnOperatorCreated() throws Exception {
    try (BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      edge.publish(0, 10);
      nats.connection()
          .jetStreamManagement()
          .addOrUpdateConsumer(
              "TELEMETRY",
              ConsumerConfiguration.builder()
                  .durable(BusContext.DURABLE)
                  .deliverPolicy(DeliverPolicy.New)
                  .ackPolicy(AckPolicy.Explicit)
                  .filterSubject("telemetry.test.>")
                  .build());
      edge.gateway("inFlight=1", inbox);
      edge.publish(10, 20);
      soon().until(() -> inbox.count() == 10);
      assertThat(inbox.accepted()).isEqualTo(IntStream.range(10, 20).boxed().toList());
    }
  }

  @Test
  void oneInFlightKeepsTheOrderEvenWhenAMessageFails() throws Exception {
    inbox.refuse((number, time) -> number == 3 && time <= 2);
    try (BusContext edge = new BusContext(nats).gateway("inFlight=1", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 20);
      soon().until(() -> inbox.count() == 20);
      assertThat(inbox.accepted()).isEqualTo(IntStream.range(0, 20).boxed().toList());
      assertThat(inbox.times(3)).isEqualTo(3);
    }
  }

  @Test
  void redeliversOnlyFailedMessagesAfterARestart() throws Exception {
    inbox.refuse((number, time) -> time == 1 && (number == 1 || number == 3));
    try (BusContext edge = new BusContext(nats).gateway("inFlight=8", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 5);
      soon().until(() -> inbox.count() == 3 && inbox.times(1) == 1 && inbox.times(3) == 1);
      edge.stopGateway();
      assertThat(inbox.accepted()).containsExactlyInAnyOrder(0, 2, 4);
      edge.startGateway();
      soon().until(() -> inbox.count() == 5);
      soon().until(() -> edge.info().getNumAckPending() == 0);
      assertThat(inbox.accepted().subList(3, 5)).containsExactlyInAnyOrder(1, 3);
      assertThat(inbox.times(0) + inbox.times(2) + inbox.times(4)).isEqualTo(3);
    }
  }

  @Test
  void allMessagesArriveIfEveryTenthFailsOnce() throws Exception {
    inbox.refuse((number, time) -> number % 10 == 0 && time == 1);
    try (BusContext edge = new BusContext(nats).gateway("inFlight=32", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 1000);
      soon().until(() -> inbox.count() == 1000);
      assertThat(inbox.accepted())
          .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 1000).boxed().toList());
      assertThat(inbox.most()).isLessThanOrEqualTo(32);
    }
  }

  @Test
  void redeliversAFailedMessageWithIncreasingDelay() throws Exception {
    Queue<Long> times = new ConcurrentLinkedQueue<>();
    inbox.refuse((number, time) -> times.add(System.nanoTime()) && time <= 3);
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 1);
      soon().until(() -> inbox.count() == 1);
      List<Long> at = List.copyOf(times);
      for (int i = 1; i < 4; i++) {
        assertThat(at.get(i) - at.get(i - 1))
            .isBetween(
                TimeUnit.SECONDS.toNanos(1L << (i - 1)) - TimeUnit.MILLISECONDS.toNanos(50),
                TimeUnit.SECONDS.toNanos((1L << (i - 1)) + 2));
      }
    }
  }

  @Test
  void aSlowExchangeIsNotDeliveredTwice() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    inbox.refuse((number, time) -> await(never, 5));
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4&ackWait=2s", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 3); // one slot stays free for redeliveries
      soon().until(() -> inbox.count() >= 3);
      soon().until(() -> edge.info().getNumAckPending() == 0);
      assertThat(edge.counter("bus.redeliveries")).isZero();
      assertThat(inbox.accepted()).containsExactlyInAnyOrder(0, 1, 2);
    }
  }

  @Test
  void limitsTheMessagesInFlight() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    inbox.refuse((number, time) -> await(gate, 20));
    try (BusContext edge = new BusContext(nats).gateway("inFlight=8", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 100);
      soon().until(() -> inbox.now() == 8);
      soon().during(Duration.ofSeconds(1)).until(() -> inbox.now() == 8);
      assertThat(edge.info().getNumAckPending()).isEqualTo(8);
      assertThat(edge.info().getNumPending()).isEqualTo(92);
      gate.countDown();
      soon().until(() -> inbox.count() == 100);
      assertThat(inbox.most()).isEqualTo(8);
      assertThat(edge.counter("bus.redeliveries")).isZero();
    }
  }

  @Test
  void limitsTheBytesInFlight() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    inbox.refuse((number, time) -> await(gate, 20));
    try (BusContext edge =
        new BusContext(nats).gateway("inFlight=1000&ackWait=5m", inbox).start()) {
      edge.awaitStreams();
      JetStream stream = nats.connection().jetStream();
      for (int i = 0; i < 40; i++) {
        String body = i + " ".repeat(900_000);
        stream.publish("telemetry.test.metrics", body.getBytes());
      }
      soon().until(() -> inbox.now() >= 7);
      soon().during(Duration.ofSeconds(1)).until(() -> edge.info().getNumAckPending() <= 9);
      gate.countDown();
      soon().until(() -> inbox.count() == 40);
      assertThat(inbox.most()).isLessThanOrEqualTo(9);
      assertThat(edge.counter("bus.redeliveries")).isZero();
    }
  }

  @Test
  void anAsynchronousRouteKeepsThousandsInFlightWithoutThreads() throws Exception {
    Queue<AsyncCallback> waiting = new ConcurrentLinkedQueue<>();
    AsyncProcessor later =
        new AsyncProcessorSupport() {
          @Override
          public boolean process(Exchange exchange, AsyncCallback callback) {
            waiting.add(callback);
            return false;
          }
        };
    try (BusContext edge = new BusContext(nats).gateway("inFlight=5000", later).start()) {
      edge.awaitStreams();
      edge.publish(0, 6000);
      soon().until(() -> waiting.size() == 5000);
      assertThat(
              Thread.getAllStackTraces().keySet().stream()
                  .filter(thread -> thread.getName().startsWith("jetstream gateway")))
          .hasSizeLessThanOrEqualTo(2);
      soon()
          .until(
              () -> {
                for (AsyncCallback next; (next = waiting.poll()) != null; ) {
                  next.done(false);
                }
                return edge.counter("bus.delivered") == 6000;
              });
      soon().until(() -> edge.info().getNumAckPending() == 0);
      assertThat(edge.counter("bus.redeliveries")).isZero();
    }
  }

  @Test
  void slowExchangesDoNotDelayOthers() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    inbox.refuse((number, time) -> number < 7 && await(gate, 20));
    try (BusContext edge = new BusContext(nats).gateway("inFlight=8", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 50);
      soon().until(() -> inbox.count() == 43);
      gate.countDown();
      soon().until(() -> inbox.count() == 50);
    }
  }

  @Test
  void stoppingLetsRunningExchangesFinish() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    inbox.refuse((number, time) -> await(gate, 1));
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 20);
      soon().until(() -> inbox.now() == 4);
      edge.stopGateway();
      assertThat(inbox.count()).isEqualTo(4);
      soon().until(() -> edge.info().getNumAckPending() == 0);
      assertThat(edge.info().getNumPending()).isEqualTo(16);
      gate.countDown();
      edge.startGateway();
      soon().until(() -> inbox.count() == 20);
      assertThat(edge.counter("bus.redeliveries")).isZero();
    }
  }

  @Test
  void aForcedStopReturnsMessagesAtOnce() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    inbox.refuse((number, time) -> time == 1 && number < 4 && awaitEvenIfInterrupted(gate));
    try (BusContext edge = new BusContext(nats);
        BusContext replica = new BusContext(nats)) {
      edge.gateway("inFlight=4&ackWait=5m", inbox).start().awaitStreams();
      edge.publish(0, 8);
      soon().until(() -> inbox.now() == 4);
      Inbox other = new Inbox();
      replica.gateway("inFlight=8&ackWait=5m", other).start();
      soon().until(() -> other.count() == 4);
      edge.camel.getRouteController().stopRoute(BusContext.GATEWAY, 1, TimeUnit.SECONDS);
      // Well before the ack wait ends.
      soon().until(() -> other.count() == 8);
      gate.countDown();
      soon().until(() -> edge.info().getNumAckPending() == 0);
    }
  }

  @Test
  void stoppingReturnsMessagesThatWaitForAThread() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    inbox.refuse((number, time) -> await(gate, 20));
    try (BusContext edge =
        new BusContext(nats).gateway("inFlight=1000&ackWait=5m", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 1000);
      soon().until(() -> edge.consumer().getPendingExchangesSize() == 1000);
      assertThat(inbox.now()).isLessThan(900);
      edge.camel.getRouteController().stopRoute(BusContext.GATEWAY, 1, TimeUnit.SECONDS);
      gate.countDown();
      soon().until(() -> edge.consumer().getPendingExchangesSize() == 0);
      edge.startGateway();
      soon().until(() -> inbox.arrived(1000));
      soon().until(() -> edge.info().getNumPending() + edge.info().getNumAckPending() == 0);
    }
  }

  @Test
  void thePullThreadRunsNoRouteSteps() throws Exception {
    Set<String> threads = ConcurrentHashMap.newKeySet();
    inbox.refuse(
        (number, time) -> {
          threads.add(Thread.currentThread().getName());
          return false;
        });
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 5000);
      soon().until(() -> inbox.count() == 5000);
      assertThat(threads).hasSizeLessThanOrEqualTo(4).noneMatch(name -> name.contains("pull "));
    }
  }

  @Test
  void acknowledgesAnInterruptedExchange() throws Exception {
    inbox.refuse(
        (number, time) -> {
          Thread.currentThread().interrupt();
          return false;
        });
    try (BusContext edge = new BusContext(nats).gateway("inFlight=4&ackWait=5m", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 20);
      soon().until(() -> inbox.count() == 20);
      soon().until(() -> edge.info().getAckFloor().getStreamSequence() == 20);
    }
  }

  @Test
  void suspendsAndResumes() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=8", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
      edge.camel.getRouteController().suspendRoute(BusContext.GATEWAY);
      edge.publish(10, 20);
      soon().during(Duration.ofMillis(500)).until(() -> inbox.count() == 10);
      assertThat(edge.info().getNumPending()).isEqualTo(10);
      edge.camel.getRouteController().resumeRoute(BusContext.GATEWAY);
      soon().until(() -> inbox.count() == 20);
    }
  }

  @Test
  void restartingTheRouteUnderLoadLeavesNoMessageUnaccounted() throws Exception {
    try (BusContext edge = new BusContext(nats).gateway("inFlight=64&ackWait=5m", inbox).start()) {
      edge.awaitStreams();
      edge.publish(0, 40_000);
      for (int i = 0; i < 5; i++) {
        edge.stopGateway();
        assertThat(edge.consumer().getPendingExchangesSize()).isZero();
        edge.startGateway();
      }
      // Well before the ack wait ends, after which a message left in limbo would arrive.
      soon().until(() -> inbox.count() >= 40_000);
      soon().until(() -> edge.info().getNumAckPending() == 0);
      assertThat(inbox.accepted()).doesNotHaveDuplicates();
    }
  }

  private static boolean await(CountDownLatch gate, int seconds) {
    try {
      gate.await(seconds, TimeUnit.SECONDS);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static boolean awaitEvenIfInterrupted(CountDownLatch gate) {
    while (gate.getCount() > 0) {
      await(gate, 60);
      Thread.interrupted();
    }
    return false;
  }
}
