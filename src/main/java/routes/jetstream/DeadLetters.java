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
import routes.log.LogLimit;

/** Sends what a gateway's cloud refuses to the stream DEAD, and says so. */
final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(JetStreamConsumer.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Bus bus;
  private final String gateway;
  private final LogLimit limit = new LogLimit();

  DeadLetters(Bus bus, String gateway) {
    this.bus = bus;
    this.gateway = gateway;
  }

  /** Returns at once; done when JetStream has acknowledged the letter. */
  CompletableFuture<Void> send(Delivery delivery, Tries tries, String reason) {
    return bus.session()
        .map(session -> send(session.connection(), delivery, tries, reason))
        .orElseGet(() -> CompletableFuture.failedFuture(new IllegalStateException("NATS is away")))
        .whenComplete((nothing, problem) -> say(delivery, tries, reason, problem));
  }

  private CompletableFuture<Void> send(
      Connection connection, Delivery delivery, Tries tries, String reason) {
    try {
      Message letter =
          DeadLetter.of(delivery.message(), gateway, tries, reason, connection.getMaxPayload());
      return connection.requestWithTimeout(letter, PATIENCE).thenAccept(DeadLetters::stored);
    } catch (RuntimeException e) { // lost just now
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

  private void say(Delivery delivery, Tries tries, String reason, Throwable problem) {
    if (problem == null) {
      LOG.warn(
          "{}: message {} is dead after {} tries: {}; ./run dead shows it",
          gateway,
          delivery.sequence(),
          tries.count(),
          reason);
    } else {
      Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
      limit
          .line(
              gateway,
              gateway
                  + ": a message should go to the stream DEAD and can't: "
                  + DeadLetter.reason(cause)
                  + "; it is tried again")
          .ifPresent(LOG::warn);
      bus.checkStreams();
    }
  }
}
