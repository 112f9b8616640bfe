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
 * Publishes in order. A message waits while NATS is unavailable, and after a reconnect briefly for
 * a subscriber, because other programs on the device have to reconnect too.
 */
public final class BusPublisher {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** How long after a ping reply the status "no responders" may still arrive. */
  private static final long STATUS_MILLIS = 50;

  private final BusQueue queue;

  public BusPublisher(CamelContext context) {
    this.queue = new BusQueue(context, "bus-publisher");
  }

  /**
   * Completes when the server has the message, or with a {@link CancellationException} if the
   * runtime stops first.
   */
  public CompletableFuture<Void> publish(String subject, byte[] payload) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    queue.add(
        new BusQueue.Sending() {
          @Override
          public void send(Connection connection) throws InterruptedException {
            try {
              if (queue.subscribersMayComeBack()) {
                publishToSubscriber(connection);
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

          /** Publishes a request, because the server reports a request without subscribers. */
          private void publishToSubscriber(Connection connection)
              throws InterruptedException, TimeoutException {
            CompletableFuture<Message> reply =
                connection.requestWithTimeout(subject, payload, PATIENCE);
            connection.flush(PATIENCE);
            try {
              reply.get(STATUS_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
              reply.cancel(true); // no error, so a subscriber has it
            } catch (ExecutionException | CancellationException e) {
              throw new IllegalStateException(e); // no subscriber, or disconnected
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
