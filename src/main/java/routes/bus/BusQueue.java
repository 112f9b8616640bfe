package routes.bus;

import io.nats.client.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends to the bus in order. Messages wait until the bus is ready. */
final class BusQueue {
  private static final Logger LOG = LoggerFactory.getLogger("bus");
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final long LOST_MILLIS = 50;

  /** How long other programs may take to reconnect after NATS is available again. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** A message that waits for the bus. */
  interface Sending {
    /**
     * @throws IllegalStateException if NATS is unavailable; the call is then repeated
     */
    void send(Connection connection) throws InterruptedException;

    /** Called instead of {@link #send} if the runtime stops first. */
    void stopped();
  }

  private final CamelContext context;
  private final Bus bus;
  private final ExecutorService worker;
  private final Deque<Sending> waiting = new ArrayDeque<>();

  BusQueue(CamelContext context, String name) {
    this.context = context;
    this.bus = context.hasService(Bus.class);
    this.worker = context.getExecutorServiceManager().newSingleThreadExecutor(this, name);
  }

  String name() {
    return bus.name();
  }

  /** Whether NATS reconnected so recently that subscribers may still be reconnecting. */
  boolean subscribersMayComeBack() {
    return Duration.between(bus.since(), Instant.now()).compareTo(GRACE) < 0;
  }

  void add(Sending sending) {
    synchronized (waiting) {
      waiting.add(sending);
      if (waiting.size() > 1) {
        return; // the worker is running
      }
    }
    worker.execute(this::work);
  }

  private void work() {
    for (Sending next = first(); next != null; next = afterFirst()) {
      try {
        send(next);
      } catch (InterruptedException e) {
        next.stopped();
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        LOG.warn("failed to publish a message from a cloud", e);
        next.stopped();
      }
    }
  }

  private Sending first() {
    synchronized (waiting) {
      return waiting.peek();
    }
  }

  private Sending afterFirst() {
    synchronized (waiting) {
      waiting.remove();
      return waiting.peek();
    }
  }

  private void send(Sending next) throws InterruptedException {
    while (!context.isStopping() && !context.isStopped()) {
      Bus.Session session = bus.awaitSession(LOOK);
      if (session != null) {
        try {
          next.send(session.connection());
          return;
        } catch (IllegalStateException e) {
          TimeUnit.MILLISECONDS.sleep(LOST_MILLIS); // just disconnected
        }
      }
    }
    next.stopped();
  }
}
