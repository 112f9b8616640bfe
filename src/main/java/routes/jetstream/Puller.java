package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;
import routes.bus.Bus;
import routes.bus.StreamProblem;
import routes.log.RateLimitedLog;
import routes.uplink.Uplink;

/**
 * Creates the durable consumer on the server, then pulls its messages while NATS and the uplink are
 * connected. Runs once; after a stop a new one takes over.
 */
final class Puller implements Runnable {
  private static final Duration POLL = Duration.ofMillis(500);

  private final Bus bus;
  private final Uplink uplink;
  private final DurableConsumer durable;
  private final ConsumerState state;
  private final Window window;
  private final Deliveries deliveries;
  private final Runnable bound;
  private final Consumer<Delivery> route;
  private final RateLimitedLog log;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * @param uplink null if there is none to wait for
   * @param bound called after the consumer was found or created
   * @param route takes a message and returns at once
   */
  Puller(
      Bus bus,
      Uplink uplink,
      DurableConsumer durable,
      ConsumerState state,
      Window window,
      Deliveries deliveries,
      Runnable bound,
      Consumer<Delivery> route) {
    this.bus = bus;
    this.uplink = uplink;
    this.durable = durable;
    this.state = state;
    this.window = window;
    this.log = new RateLimitedLog(LoggerFactory.getLogger(state.id()));
    this.deliveries = deliveries;
    this.bound = bound;
    this.route = route;
  }

  /** Stops pulling; returns at once. */
  void stop() {
    stop.countDown();
  }

  boolean stopping() {
    return stop.getCount() == 0;
  }

  /** Whether the messages that arrived too late have been returned. */
  boolean stopped() {
    return stopped.getCount() == 0;
  }

  /** Waits until the messages that arrived too late have been returned. */
  boolean awaitStopped(Duration timeout) throws InterruptedException {
    return stopped.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void run() {
    try {
      while (!stopping()) {
        Bus.Session session = bus.awaitSession(POLL);
        if (session != null && !consume(session)) {
          stop.await(1, TimeUnit.SECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // forced stop
    } finally {
      stopped.countDown();
    }
  }

  /**
   * @return false if the next attempt should wait a little
   */
  private boolean consume(Bus.Session session) throws InterruptedException {
    try {
      // Before the uplink is connected, so that backlog and drops are known.
      ConsumerInfo consumer = durable.ensure(session.connection(), state.hasUsed(durable.name()));
      state.problem(null);
      if (state.bound(consumer, first(session.connection(), consumer))) {
        deliveries.forget();
      }
      deliveries.sendAgain();
      bound.run();
      while (!stopping() && bus.isCurrent(session)) {
        if ((uplink == null || uplink.awaitConnected(POLL))
            && !pull(session, consumer.getConsumerConfiguration())) {
          return false;
        }
      }
      return true;
    } catch (IOException | JetStreamApiException | RuntimeException e) {
      if (session.connection().getStatus() == Connection.Status.CONNECTED) {
        String problem = durable + ": " + StreamProblem.describe(e, session.connection());
        state.problem(problem);
        log.warn(problem);
        if (DurableConsumer.streamMissing(e)) {
          bus.checkStreams();
        }
      }
      return false;
    }
  }

  /** The stream's oldest message, if the consumer has not delivered any yet. */
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
    Pulls pulls = new Pulls(session.connection(), durable, limits, window);
    deliveries.pulling();
    try {
      while (!stopping()
          && bus.isCurrent(session)
          && (uplink == null || uplink.connected())
          && !pulls.silent()
          && !pulls.failed()) {
        Message message = pulls.next(POLL);
        if (message != null) {
          route.accept(deliveries.received(message));
        }
      }
      // A consumer deleted while no request was open is not reported: the server only stays silent.
      return !pulls.failed() && !pulls.silent();
    } finally {
      pulls.close(late -> deliveries.returned(deliveries.received(late)));
      deliveries.pulled();
    }
  }
}
