package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.PullRequestOptions;
import io.nats.client.Subscription;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.support.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls messages for one gateway while NATS and the uplink are there, never more than there are
 * free slots. A pull request stays open at the server until its messages are there, so that a
 * single message arrives at once; one is open at a time.
 */
final class Puller implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(JetStreamConsumer.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration EXPIRES = Duration.ofSeconds(30);
  private static final Duration HEARTBEAT = Duration.ofSeconds(5);

  /** No message and no heartbeat for so long: the server has lost the pull request. */
  private static final Duration SILENCE = Duration.ofSeconds(12);

  /** What the puller works for. */
  interface Owner {
    /** Takes a message; its slot is free again when it is settled. */
    void take(Message message);

    /** Gives back a message that came too late, and its slot. */
    void giveBack(Message message);

    /** Forgets what is held: the consumer it came from is no more. */
    void forget();

    /** Says what could not be said while NATS was away. */
    void reportAgain();
  }

  private final Bus bus;
  private final Uplink uplink;
  private final DurableConsumer durable;
  private final Gateway gateway;
  private final Semaphore slots;
  private final Owner owner;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private int open;
  private String problem;
  private long problemDue;

  /**
   * @param uplink null if nothing is to be waited for
   */
  Puller(
      Bus bus,
      Uplink uplink,
      DurableConsumer durable,
      Gateway gateway,
      Semaphore slots,
      Owner owner) {
    this.bus = bus;
    this.uplink = uplink;
    this.durable = durable;
    this.gateway = gateway;
    this.slots = slots;
    this.owner = owner;
  }

  /** No message is taken from now on. */
  void stop() {
    stop.countDown();
  }

  boolean stopping() {
    return stop.getCount() == 0;
  }

  /** Waits until what came too late has been given back. */
  boolean awaitStopped(Duration timeout) throws InterruptedException {
    return stopped.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void run() {
    try {
      while (!stopping()) {
        Bus.Session session = bus.awaitSession(POLL);
        if (session != null && !attend(session)) {
          stop.await(1, TimeUnit.SECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped by force
    } finally {
      stopped.countDown();
    }
  }

  /**
   * @return false if something is wrong and the next attempt should wait a little
   */
  private boolean attend(Bus.Session session) throws InterruptedException {
    try {
      // Before the uplink is there, so that the backlog is known and what goes is counted.
      ConsumerInfo consumer = durable.ensure(session.connection());
      if (gateway.bound(consumer, first(session.connection(), consumer))) {
        owner.forget();
      }
      owner.reportAgain();
      problem = null;
      while (!stopping() && bus.isCurrent(session)) {
        if ((uplink == null || uplink.awaitConnected(POLL))
            && !pull(session, consumer.getConsumerConfiguration())) {
          return false;
        }
      }
      return true;
    } catch (IOException | JetStreamApiException | RuntimeException e) {
      if (session.connection().getStatus() == Connection.Status.CONNECTED) {
        say(e);
        if (DurableConsumer.streamMissing(e)) {
          bus.checkStreams();
        }
      }
      return false;
    }
  }

  private long first(Connection connection, ConsumerInfo consumer)
      throws IOException, JetStreamApiException {
    return consumer.getDelivered().getConsumerSequence() > 0
        ? 0
        : connection
            .jetStreamManagement()
            .getStreamInfo(durable.stream())
            .getStreamState()
            .getFirstSequence();
  }

  private boolean pull(Bus.Session session, ConsumerConfiguration limits)
      throws InterruptedException {
    Connection connection = session.connection();
    String inbox = connection.createInbox() + ".";
    Subscription subscription = connection.subscribe(inbox + "*");
    try {
      long pull = 0;
      long heard = 0;
      while (!stopping() && bus.isCurrent(session) && (uplink == null || uplink.connected())) {
        if (open == 0) {
          if (!occupy(limits.getMaxBatch())) {
            continue;
          }
          connection.publish(
              "$JS.API.CONSUMER.MSG.NEXT." + durable.stream() + "." + durable.name(),
              inbox + ++pull,
              request(limits.getMaxExpires()));
          heard = System.nanoTime();
        }
        Message message = subscription.nextMessage(POLL);
        long now = System.nanoTime();
        if (message == null) {
          if (now - heard > SILENCE.toNanos()) {
            return true; // a new inbox: what the lost request still brings finds no way here
          }
          continue;
        }
        heard = now;
        if (!message.isStatusMessage()) {
          open--;
          owner.take(message);
        } else if (!message.getStatus().isHeartbeat()
            && message.getSubject().equals(inbox + pull)) {
          slots.release(open);
          open = 0;
          if (message.getStatus().getCode() != Status.REQUEST_TIMEOUT_CODE) {
            LOG.debug("{}: {}", durable, message.getStatus());
            return false; // deleted, or not led by anyone: look again
          }
        }
      }
      return true;
    } finally {
      close(session, subscription);
      slots.release(open);
      open = 0;
    }
  }

  /** Takes free slots for the next request: rather some than one, rather one than none. */
  private boolean occupy(long most) throws InterruptedException {
    int some = Math.max(1, durable.inFlight() / 4);
    if (slots.tryAcquire(some, 5, TimeUnit.MILLISECONDS)) {
      open = some;
    } else if (slots.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
      open = 1;
    } else {
      return false;
    }
    open += slots.drainPermits();
    if (most > 0 && open > most) {
      slots.release(open - (int) most);
      open = (int) most;
    }
    return true;
  }

  private byte[] request(Duration longest) {
    boolean shorter = longest != null && !longest.isZero() && longest.compareTo(EXPIRES) < 0;
    PullRequestOptions.Builder request =
        PullRequestOptions.builder(open).expiresIn(shorter ? longest : EXPIRES);
    if (!shorter) {
      request.idleHeartbeat(HEARTBEAT);
    }
    return request.build().serialize();
  }

  /** Ends the request at the server and gives back what it has already sent. */
  private void close(Bus.Session session, Subscription subscription) throws InterruptedException {
    try {
      if (bus.isCurrent(session)) {
        subscription.drain(Duration.ofSeconds(1));
      }
      // jnats drops the last message if it ends the drained subscription while that is being
      // taken (a microsecond in each millisecond); it comes again after the ack wait.
      Message message;
      while ((message = subscription.nextMessage(Duration.ofMillis(1))) != null) {
        if (!message.isStatusMessage()) {
          open--;
          owner.giveBack(message);
        }
      }
      subscription.unsubscribe();
    } catch (IllegalStateException e) {
      LOG.trace("drained", e);
    }
  }

  private void say(Exception e) {
    String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    long now = System.nanoTime();
    if (!text.equals(problem) || now - problemDue >= 0) {
      LOG.warn("{}: {}", durable, text);
      problem = text;
      problemDue = now + TimeUnit.MINUTES.toNanos(1);
    }
  }
}
