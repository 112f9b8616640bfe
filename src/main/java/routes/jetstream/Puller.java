package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.Bus;
import routes.uplink.Uplink;

/**
 * Pulls messages for one gateway while NATS and the uplink are there; makes the consumer at the
 * server first, as often as needed. Runs once; another one takes over after a stop.
 */
final class Puller implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(JetStreamConsumer.class);
  private static final Duration POLL = Duration.ofMillis(500);

  private final Bus bus;
  private final Uplink uplink;
  private final DurableConsumer durable;
  private final Gateway gateway;
  private final Semaphore slots;
  private final Deliveries deliveries;
  private final Consumer<Delivery> route;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private String problem;
  private long problemDue;

  /**
   * @param uplink null if nothing is to be waited for
   * @param route takes a message and returns at once
   */
  Puller(
      Bus bus,
      Uplink uplink,
      DurableConsumer durable,
      Gateway gateway,
      Semaphore slots,
      Deliveries deliveries,
      Consumer<Delivery> route) {
    this.bus = bus;
    this.uplink = uplink;
    this.durable = durable;
    this.gateway = gateway;
    this.slots = slots;
    this.deliveries = deliveries;
    this.route = route;
  }

  /** No message is taken from now on. */
  void stop() {
    stop.countDown();
  }

  boolean stopping() {
    return stop.getCount() == 0;
  }

  /** What came too late has been given back. */
  boolean stopped() {
    return stopped.getCount() == 0;
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
        deliveries.forget();
      }
      deliveries.reportAgain();
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

  /** The stream's oldest message, where the consumer has not begun. */
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
    Pulls pulls = new Pulls(session.connection(), durable, limits, slots);
    try {
      while (!stopping()
          && bus.isCurrent(session)
          && (uplink == null || uplink.connected())
          && !pulls.silent()
          && !pulls.gone()) {
        Message message = pulls.next(POLL);
        if (message != null) {
          route.accept(deliveries.received(message));
        }
      }
      return !pulls.gone();
    } finally {
      pulls.close(late -> deliveries.giveBack(deliveries.received(late)));
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
