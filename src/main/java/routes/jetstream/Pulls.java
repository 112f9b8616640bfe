package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.PullRequestOptions;
import io.nats.client.Subscription;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.support.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * Pull requests on one connection and one inbox, for as many messages and bytes as fit into the
 * window. A request stays open on the server until it is filled, so that a single message arrives
 * at once. One request is open at a time.
 *
 * <p>jnats' own pull subscription reports neither whose request a status ends nor how many messages
 * are still to come.
 */
final class Pulls {
  private static final Duration EXPIRES = Duration.ofSeconds(30);
  private static final Duration HEARTBEAT = Duration.ofSeconds(5);

  /** After this time without a message or heartbeat, the server has lost the request. */
  private static final Duration SILENCE = Duration.ofSeconds(12);

  private static final Duration ANSWER = Duration.ofSeconds(1);

  /** Room for subjects, which count towards max_bytes but not towards max_payload. */
  private static final long OVERHEAD = 8 * 1024;

  /** Conflicts that end a request without an error. */
  private static final Set<String> COMPLETE =
      Set.of(Status.MESSAGE_SIZE_EXCEEDS_MAX_BYTES, Status.BATCH_COMPLETED);

  private final Connection connection;
  private final DurableConsumer durable;
  private final ConsumerConfiguration limits;
  private final Window window;
  private final long largest;
  private final String inbox;
  private final Subscription subscription;
  private String request;
  private int asked;
  private int open;
  private long heard;
  private boolean failed;

  Pulls(
      Connection connection, DurableConsumer durable, ConsumerConfiguration limits, Window window) {
    this.connection = connection;
    this.durable = durable;
    this.limits = limits;
    this.window = window;
    largest = connection.getMaxPayload() + OVERHEAD;
    inbox = connection.createInbox() + ".";
    subscription = connection.subscribe(inbox + "*");
  }

  /**
   * The next message, in a slot of the window; null if there is none within {@code timeout}.
   *
   * @throws IllegalStateException if disconnected
   */
  Message next(Duration timeout) throws InterruptedException {
    if (open == 0 && !ask(timeout)) {
      return null;
    }
    Message message = subscription.nextMessage(timeout);
    if (message == null) {
      return null;
    }
    heard = System.nanoTime();
    if (!message.isStatusMessage()) {
      open--;
      return message;
    }
    Status status = message.getStatus();
    if (!status.isHeartbeat() && message.getSubject().equals(request)) {
      // Not complete if no message came: the limit is then smaller than the next message, and every
      // request would end at once.
      boolean complete = COMPLETE.contains(status.getMessage()) && open < asked;
      failed = status.getCode() != Status.REQUEST_TIMEOUT_CODE && !complete;
      window.release(open);
      open = 0;
    }
    return null;
  }

  /** Whether the server has stopped answering. */
  boolean silent() {
    return open > 0 && System.nanoTime() - heard > SILENCE.toNanos();
  }

  /** Whether the server rejected a request: the consumer is deleted or has no leader. */
  boolean failed() {
    return failed;
  }

  private boolean ask(Duration timeout) throws InterruptedException {
    long most = limits.getMaxBatch() > 0 ? limits.getMaxBatch() : durable.inFlight();
    open = window.take((int) Math.min(most, durable.inFlight()), largest, timeout);
    if (open == 0) {
      return false;
    }
    asked = open;
    Duration longest = limits.getMaxExpires();
    boolean shorter = longest != null && !longest.isZero() && longest.compareTo(EXPIRES) < 0;
    long bytes = window.bytesLeft(largest);
    PullRequestOptions.Builder options =
        PullRequestOptions.builder(open)
            .maxBytes(limits.getMaxBytes() > 0 ? Math.min(bytes, limits.getMaxBytes()) : bytes)
            .expiresIn(shorter ? longest : EXPIRES);
    if (!shorter) {
      options.idleHeartbeat(HEARTBEAT);
    }
    heard = System.nanoTime();
    request = inbox + heard;
    connection.publish(
        "$JS.API.CONSUMER.MSG.NEXT." + durable.stream() + "." + durable.name(),
        request,
        options.build().serialize());
    return true;
  }

  /**
   * Ends the request on the server.
   *
   * @param late takes the messages that the server has already sent
   */
  void close(Consumer<Message> late) throws InterruptedException {
    try {
      if (connection.getStatus() == Connection.Status.CONNECTED) {
        // One at a time: a drain sends a ping, and jnats closes a connection with several pending.
        synchronized (connection) {
          subscription.drain(Duration.ofSeconds(1));
        }
      }
      // In rare cases jnats ends the drained subscription while the last message is being taken,
      // and drops the message; it is redelivered after the ack wait.
      Message message;
      while ((message = subscription.nextMessage(Duration.ofMillis(1))) != null) {
        if (!message.isStatusMessage()) {
          open--;
          late.accept(message);
        }
      }
      subscription.unsubscribe();
      forget();
    } catch (IllegalStateException e) {
      // Drained, or disconnected.
    } finally {
      window.release(open);
      open = 0;
    }
  }

  /**
   * Makes the server drop the request. Otherwise nats-server 2.9 assigns the next redelivery to it,
   * and the message is not delivered until its ack wait has expired.
   */
  private void forget() throws InterruptedException {
    try {
      durable.requestInfo(connection, ANSWER).get();
    } catch (ExecutionException | CancellationException e) {
      // The message is then delivered after its ack wait.
    }
  }
}
