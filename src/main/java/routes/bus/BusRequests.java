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
import org.apache.camel.CamelContext;

/** NATS requests, without a thread that waits for the reply. */
public final class BusRequests {
  /** Why there is no reply. */
  public enum Failure {
    NO_RESPONDERS,
    /** NATS is unavailable. */
    UNAVAILABLE,
    TIMED_OUT,
    /** The payload is larger than nats-server's max_payload. */
    TOO_LARGE,
    OTHER
  }

  /** A request without a reply. */
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

  private final Connection nats;

  public BusRequests(CamelContext context) {
    this.nats = context.getRegistry().lookupByNameAndType("nats", Connection.class);
  }

  /** The future fails with a {@link RequestException}, at the latest after {@code timeout}. */
  public CompletableFuture<Answer> request(String subject, byte[] payload, Duration timeout) {
    CompletableFuture<Message> reply;
    try {
      // jnats would give up a little later than this waits, so that only one of them times out
      reply = nats.requestWithTimeout(subject, payload, timeout.multipliedBy(2));
    } catch (IllegalStateException e) {
      return failed(Failure.UNAVAILABLE, e);
    } catch (IllegalArgumentException e) {
      return failed(Failure.TOO_LARGE, e);
    }
    return reply
        .copy()
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((message, thrown) -> reply.cancel(true))
        .handle(
            (message, thrown) -> {
              if (thrown != null) {
                throw new RequestException(failure(thrown), thrown);
              }
              return new Answer(message);
            });
  }

  private static CompletableFuture<Answer> failed(Failure failure, Exception cause) {
    return CompletableFuture.failedFuture(new RequestException(failure, cause));
  }

  private static Failure failure(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    if (cause instanceof TimeoutException) {
      return Failure.TIMED_OUT;
    }
    if (cause instanceof CancellationException) {
      return Failure.UNAVAILABLE; // lost before it replied
    }
    return cause instanceof JetStreamStatusException ? Failure.NO_RESPONDERS : Failure.OTHER;
  }

  /** NATS and where it is. */
  @Override
  public String toString() {
    return nats.toString();
  }
}
