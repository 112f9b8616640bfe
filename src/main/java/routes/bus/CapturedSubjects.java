package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds a leaf node whose stream also stores what is published at the hub. Its messages would
 * arrive at the hub twice: from the publisher, and from that stream.
 *
 * <p>Sends one message that each stream rejects, because its header expects another stream. Nothing
 * is stored. The hub's stream, which has sources and no subject of this message, does not answer.
 */
final class CapturedSubjects {
  static final String PROBE = "telemetry.leaf-check.none";
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int NO_RESPONDERS = 503;

  private CapturedSubjects() {}

  /**
   * @param hub the stream TELEMETRY
   * @return the problem and its fix, in one line
   */
  static Optional<String> check(Connection connection, StreamConfiguration hub)
      throws InterruptedException {
    if (!BusStream.isSourced(hub)
        || hub.getSubjects().stream().anyMatch(s -> s.startsWith("telemetry.*"))) {
      return Optional.empty(); // its own stream would answer
    }
    Headers expectation = new Headers().add("Nats-Expected-Stream", "none");
    CompletableFuture<Message> reply =
        connection.requestWithTimeout(PROBE, expectation, new byte[0], TIMEOUT);
    try {
      Message answer = reply.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      boolean nobody = answer.isStatusMessage() && answer.getStatus().getCode() == NO_RESPONDERS;
      return nobody ? Optional.empty() : Optional.of(captured());
    } catch (ExecutionException | CancellationException | TimeoutException e) {
      return Optional.empty(); // nobody, or disconnected
    }
  }

  private static String captured() {
    return "a leaf node stores telemetry.> of this hub; deny telemetry.> in both directions on its"
        + " connection (fleet/leaf.conf), or messages arrive twice";
  }
}
