package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;

/** Sends NATS requests without blocking a thread until the reply. */
public final class BusRequests {
  private static final long AGAIN_MILLIS = 250;

  /** Why there is no reply. */
  public enum Failure {
    NO_RESPONDERS,
    /** NATS is unavailable; nothing was sent. */
    UNAVAILABLE,
    /** NATS disconnected after the request, which may or may not have arrived. */
    LOST,
    TIMED_OUT,
    /** The payload is larger than nats-server's max_payload. */
    TOO_LARGE,
    /** The runtime is stopping; nothing was sent. */
    STOPPED,
    OTHER
  }

  /**
   * A request.
   *
   * @param timeout how long the reply may take
   * @param patient whether the request waits as long as NATS is unavailable, and briefly for
   *     responders that reconnect after NATS; otherwise the timeout includes that time
   * @param begin called just before the request is sent
   */
  public record Request(
      String subject, byte[] payload, Duration timeout, boolean patient, Runnable begin) {}

  /** A request that received no reply. */
  public static final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Failure failure;

    RequestException(Failure failure, Throwable cause) {
      super(failure.name(), cause);
      this.failure = failure;
    }

    public Failure failure() {
      return failure;
    }
  }

  /** A reply. */
  public static final class Answer {
    private final Message message;

    Answer(Message message) {
      this.message = message;
    }

    public byte[] body() {
      return message.getData();
    }

    public Optional<String> header(String name) {
      return message.hasHeaders()
          ? Optional.ofNullable(message.getHeaders().getFirst(name))
          : Optional.empty();
    }
  }

  private final BusQueue queue;

  public BusRequests(CamelContext context) {
    this.queue = new BusQueue(context, "bus-requests");
  }

  /** The future fails with a {@link RequestException} if there is no reply. */
  public CompletableFuture<Answer> send(Request request) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    long end = System.nanoTime() + request.timeout().toNanos();
    AtomicBoolean taken = new AtomicBoolean();
    if (!request.patient()) {
      CompletableFuture.delayedExecutor(request.timeout().toMillis(), TimeUnit.MILLISECONDS)
          .execute(
              () -> {
                if (taken.compareAndSet(false, true)) {
                  fail(answer, Failure.UNAVAILABLE, null);
                }
              });
    }
    queue.add(
        new BusQueue.Sending() {
          @Override
          public void send(Connection connection) {
            if (!taken.compareAndSet(false, true)) {
              return; // too late
            }
            long nanos = request.patient() ? request.timeout().toNanos() : end - System.nanoTime();
            try {
              BusRequests.this.send(
                  connection, request, Duration.ofNanos(Math.max(1, nanos)), answer);
            } catch (IllegalStateException e) {
              taken.set(false);
              throw e;
            }
          }

          @Override
          public void stopped() {
            fail(answer, Failure.STOPPED, null);
          }
        });
    return answer;
  }

  private void send(
      Connection connection, Request request, Duration timeout, CompletableFuture<Answer> answer) {
    if (connection.getStatus() != Connection.Status.CONNECTED) {
      throw new IllegalStateException("disconnected");
    }
    request.begin().run();
    CompletableFuture<Message> reply;
    try {
      // a longer timeout for jnats, so that only the one below expires
      reply =
          connection.requestWithTimeout(
              request.subject(), request.payload(), timeout.multipliedBy(2));
    } catch (IllegalArgumentException e) {
      fail(answer, Failure.TOO_LARGE, e);
      return;
    }
    reply
        .copy()
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete(
            (message, thrown) -> {
              reply.cancel(true);
              if (thrown == null) {
                answer.complete(new Answer(message));
              } else if (failure(thrown) == Failure.NO_RESPONDERS
                  && request.patient()
                  && queue.subscribersMayComeBack()) {
                CompletableFuture.delayedExecutor(AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(() -> again(request, answer));
              } else {
                fail(answer, failure(thrown), thrown);
              }
            });
  }

  private void again(Request request, CompletableFuture<Answer> answer) {
    send(request)
        .whenComplete(
            (message, thrown) -> {
              if (thrown == null) {
                answer.complete(message);
              } else {
                answer.completeExceptionally(thrown);
              }
            });
  }

  private static void fail(CompletableFuture<Answer> answer, Failure why, Throwable cause) {
    answer.completeExceptionally(new RequestException(why, cause));
  }

  private static Failure failure(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    if (cause instanceof TimeoutException) {
      return Failure.TIMED_OUT;
    }
    if (cause instanceof CancellationException) {
      return Failure.LOST;
    }
    return cause instanceof JetStreamStatusException ? Failure.NO_RESPONDERS : Failure.OTHER;
  }

  /** NATS and its addresses. */
  @Override
  public String toString() {
    return queue.name();
  }
}
