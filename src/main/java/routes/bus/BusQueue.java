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

/** Sends to the bus in order, each message once the bus is ready: while NATS is away they wait. */
final class BusQueue {
  private static final Logger LOG = LoggerFactory.getLogger("bus");
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final long LOST_MILLIS = 50;

  /** How long other programs may take to come back after NATS did. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** A message on its way to the bus. */
  interface Sending {
    /**
     * @throws IllegalStateException while NATS is away: then it is called again
     */
    void send(Connection connection) throws InterruptedException;

    /** The runtime stops, and the message has not been sent. */
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

  /** Whether NATS came back so recently that others may still be on their way. */
  boolean subscribersMayComeBack() {
    return Duration.between(bus.since(), Instant.now()).compareTo(GRACE) < 0;
  }

  void add(Sending sending) {
    synchronized (waiting) {
      waiting.add(sending);
      if (waiting.size() > 1) {
        return; // the worker comes to it
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
        LOG.warn("a message from a cloud did not reach the bus", e);
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
          TimeUnit.MILLISECONDS.sleep(LOST_MILLIS); // lost just now
        }
      }
    }
    next.stopped();
  }
}
