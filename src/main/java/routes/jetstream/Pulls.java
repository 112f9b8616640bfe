package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.PullRequestOptions;
import io.nats.client.Subscription;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.support.Status;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Pull requests on one connection and one inbox, for as many messages as there are free slots. A
 * request stays open at the server until its messages are there, so that a single one arrives at
 * once; one request is open at a time.
 *
 * <p>Not jnats' own pull subscription, because that does not tell whose request a status ends, nor
 * how many messages are still to come.
 */
final class Pulls {
  private static final Duration EXPIRES = Duration.ofSeconds(30);
  private static final Duration HEARTBEAT = Duration.ofSeconds(5);

  /** No message and no heartbeat for so long: the server has lost the request. */
  private static final Duration SILENCE = Duration.ofSeconds(12);

  private final Connection connection;
  private final DurableConsumer durable;
  private final ConsumerConfiguration limits;
  private final Semaphore slots;
  private final String inbox;
  private final Subscription subscription;
  private String request;
  private int open;
  private long heard;
  private boolean gone;

  Pulls(
      Connection connection,
      DurableConsumer durable,
      ConsumerConfiguration limits,
      Semaphore slots) {
    this.connection = connection;
    this.durable = durable;
    this.limits = limits;
    this.slots = slots;
    inbox = connection.createInbox() + ".";
    subscription = connection.subscribe(inbox + "*");
  }

  /**
   * The next message, with a slot; null if there is none within {@code timeout}.
   *
   * @throws IllegalStateException if the connection is lost
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
    if (!message.getStatus().isHeartbeat() && message.getSubject().equals(request)) {
      slots.release(open);
      open = 0;
      gone = message.getStatus().getCode() != Status.REQUEST_TIMEOUT_CODE;
    }
    return null;
  }

  /** The server answers no more: what it still sends for this inbox is not worth waiting for. */
  boolean silent() {
    return open > 0 && System.nanoTime() - heard > SILENCE.toNanos();
  }

  /** The consumer is deleted, or nobody leads it: it has to be looked for again. */
  boolean gone() {
    return gone;
  }

  private boolean ask(Duration timeout) throws InterruptedException {
    if (!occupy(timeout)) {
      return false;
    }
    Duration longest = limits.getMaxExpires();
    boolean shorter = longest != null && !longest.isZero() && longest.compareTo(EXPIRES) < 0;
    PullRequestOptions.Builder options =
        PullRequestOptions.builder(open).expiresIn(shorter ? longest : EXPIRES);
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

  /** Takes free slots: rather some than one, rather one than none. */
  private boolean occupy(Duration timeout) throws InterruptedException {
    int some = Math.max(1, durable.inFlight() / 4);
    if (slots.tryAcquire(some, 5, TimeUnit.MILLISECONDS)) {
      open = some;
    } else if (slots.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      open = 1;
    } else {
      return false;
    }
    open += slots.drainPermits();
    int most = (int) limits.getMaxBatch();
    if (most > 0 && open > most) {
      slots.release(open - most);
      open = most;
    }
    return true;
  }

  /**
   * Ends the request at the server.
   *
   * @param late gets what the server had sent by then, each with a slot
   */
  void close(Consumer<Message> late) throws InterruptedException {
    try {
      if (connection.getStatus() == Connection.Status.CONNECTED) {
        // One at a time: it sends a ping, and jnats cuts a connection with a few on their way.
        synchronized (connection) {
          subscription.drain(Duration.ofSeconds(1));
        }
      }
      // jnats drops the last message if it ends the drained subscription while that is being
      // taken (a microsecond in each millisecond); it comes again after the ack wait.
      Message message;
      while ((message = subscription.nextMessage(Duration.ofMillis(1))) != null) {
        if (!message.isStatusMessage()) {
          open--;
          late.accept(message);
        }
      }
      subscription.unsubscribe();
    } catch (IllegalStateException e) {
      // Drained, or the connection is lost.
    } finally {
      slots.release(open);
      open = 0;
    }
  }
}
