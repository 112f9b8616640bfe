package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import routes.log.Loops;
import routes.sandbox.MeanBroker;

/** An Error in a thread of the links is reported, and the thread continues. */
class LinkLoopTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @AfterEach
  void revive() {
    Loops.loop("mqtt-loop", () -> {}).run();
    Loops.loop("mqtt-connect", () -> {}).run();
  }

  private static void fail() {
    throw new AssertionError("injected");
  }

  @Test
  void anErrorOnTheEventLoopIsReported() throws Exception {
    LinkLoop.execute(LinkLoopTest::fail);
    CountDownLatch next = new CountDownLatch(1);
    LinkLoop.execute(next::countDown);
    assertThat(next.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Loops.failed()).containsEntry("mqtt-loop", "java.lang.AssertionError: injected");
  }

  @Test
  void anErrorInATimerOfTheEventLoopIsReported() {
    LinkLoop.schedule(LinkLoopTest::fail, 1, TimeUnit.MILLISECONDS);
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(Loops.failed())
                    .containsEntry("mqtt-loop", "java.lang.AssertionError: injected"));
  }

  @Test
  void anErrorWhileConnectingIsReportedAndTheLinkRetries() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (MeanBroker broker = new MeanBroker();
        TestClients clients = new TestClients()) {
      broker.listen(message -> {}).start(0);
      clients.credentials =
          () -> {
            if (asked.incrementAndGet() == 1) {
              throw new NoClassDefFoundError("injected");
            }
            return Credential.NONE;
          };
      clients.connected("tcp://127.0.0.1:" + broker.port(), "a");
    }
    assertThat(Loops.failed())
        .containsEntry("mqtt-connect", "java.lang.NoClassDefFoundError: injected");
  }
}
