package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;

/**
 * Publishes in order. A message waits while NATS is away, and after NATS is back a little for
 * somebody to receive it: other programs on the device have to reconnect too.
 */
public final class BusPublisher {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** How long the status "no responders" may take after the server has answered a ping. */
  private static final long STATUS_MILLIS = 50;

  private final BusQueue queue;

  public BusPublisher(CamelContext context) {
    this.queue = new BusQueue(context, "bus-publisher");
  }

  /**
   * Completes when the server has the message; with a {@link CancellationException} if the runtime
   * stops before.
   */
  public CompletableFuture<Void> publish(String subject, byte[] payload) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    queue.add(
        new BusQueue.Sending() {
          @Override
          public void send(Connection connection) throws InterruptedException {
            try {
              if (queue.subscribersMayComeBack()) {
                publishToSomebody(connection);
              } else {
                connection.publish(subject, payload);
                connection.flush(PATIENCE);
              }
              done.completeAsync(() -> null);
            } catch (IllegalArgumentException e) {
              done.completeExceptionally(e); // larger than max_payload
            } catch (TimeoutException e) {
              throw new IllegalStateException(e);
            }
          }

          /** A request, since the server says when nobody receives it. */
          private void publishToSomebody(Connection connection)
              throws InterruptedException, TimeoutException {
            CompletableFuture<Message> reply =
                connection.requestWithTimeout(subject, payload, PATIENCE);
            connection.flush(PATIENCE);
            try {
              reply.get(STATUS_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
              reply.cancel(true); // received, as it seems
            } catch (ExecutionException | CancellationException e) {
              throw new IllegalStateException(e); // nobody, or NATS is lost
            }
          }

          @Override
          public void stopped() {
            done.cancel(false);
          }
        });
    return done;
  }
}
