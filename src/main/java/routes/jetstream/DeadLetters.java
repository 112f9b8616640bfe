package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.Bus;
import routes.log.RateLimitedLog;

/**
 * Moves messages that a gateway could not deliver to the stream DEAD, and logs one per minute and
 * reason.
 */
final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(JetStreamConsumer.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final Bus bus;
  private final String gateway;
  private final String durable;
  private final RateLimitedLog limited = new RateLimitedLog(LOG);

  DeadLetters(Bus bus, String gateway, String durable) {
    this.bus = bus;
    this.gateway = gateway;
    this.durable = durable;
  }

  /** Returns at once; completes when JetStream has acknowledged the letter. */
  CompletableFuture<Void> send(Delivery delivery, Tries tries, String reason) {
    return bus.session()
        .map(session -> send(session.connection(), delivery, tries, reason))
        .orElseGet(
            () -> CompletableFuture.failedFuture(new IllegalStateException("NATS is unavailable")))
        .whenComplete((nothing, problem) -> log(delivery, tries, reason, problem));
  }

  private CompletableFuture<Void> send(
      Connection connection, Delivery delivery, Tries tries, String reason) {
    try {
      Message letter =
          DeadLetter.of(
              delivery.message(), gateway, durable, tries, reason, connection.getMaxPayload());
      return connection.requestWithTimeout(letter, TIMEOUT).thenAccept(DeadLetters::stored);
    } catch (RuntimeException e) { // just disconnected
      return CompletableFuture.failedFuture(e);
    }
  }

  private static void stored(Message answer) {
    try {
      new PublishAck(answer);
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  private void log(Delivery delivery, Tries tries, String reason, Throwable problem) {
    if (problem == null) {
      limited.warnWithCount(
          reason,
          gateway
              + ": message "
              + delivery.sequence()
              + " moved to the stream DEAD after "
              + tries.count()
              + (tries.count() == 1 ? " try: " : " tries: ")
              + reason
              + "; the subcommand dead lists it");
    } else {
      Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
      limited.warn(
          gateway
              + ": cannot move a message to the stream DEAD: "
              + DeadLetter.reason(cause)
              + "; redelivering it");
      bus.checkStreams();
    }
  }
}
