package routes.steps;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/** The batches that wait for more messages, and the time at which each is sent at the latest. */
final class OpenBatches {
  /** How often open batches check whether their route is stopping. */
  private static final long LOOK = Duration.ofMillis(200).toNanos();

  private static final long LOOK_AT_CLOCK = Duration.ofMillis(10).toNanos();

  private final BatchEndpoint endpoint;
  private final Map<BatchKey, Batch> open = new HashMap<>();
  private int held;

  OpenBatches(BatchEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /**
   * What became complete with a message.
   *
   * @param earlier batches without the message
   * @param own the batch with the message; null if it waits for more
   */
  record Complete(List<Batch> earlier, Batch own) {}

  synchronized Complete add(Exchange exchange, AsyncCallback callback, byte[] json) {
    BatchKey key = BatchKey.of(endpoint, exchange);
    List<Batch> earlier = new ArrayList<>();
    Batch batch = open.get(key);
    if (batch != null && batch.sizeWith(json.length) > endpoint.largest()) {
      earlier.add(take(key));
      batch = null;
    }
    if (endpoint.getWindow() != null) {
      takeBefore(key, earlier);
    }
    if (batch == null) {
      batch = new Batch();
      open.put(key, batch);
      expire(key, batch, key.due(endpoint));
    }
    batch.add(exchange, callback, json);
    held++;
    int inFlight = BatchSource.inFlight(exchange);
    int most = endpoint.getCount() > 0 ? endpoint.getCount() : inFlight;
    boolean full = batch.count() >= most || held >= inFlight;
    return new Complete(earlier, full ? take(key) : null);
  }

  private void takeBefore(BatchKey key, List<Batch> taken) {
    for (Iterator<BatchKey> keys = open.keySet().iterator(); keys.hasNext(); ) {
      BatchKey other = keys.next();
      if (key.isAfter(other)) {
        Batch batch = open.get(other);
        keys.remove();
        held -= batch.count();
        taken.add(batch);
      }
    }
  }

  private Batch take(BatchKey key) {
    Batch batch = open.remove(key);
    held -= batch.count();
    return batch;
  }

  private void expire(BatchKey key, Batch batch, Instant due) {
    Clock clock = endpoint.clock();
    long left = Duration.between(clock.now(), due).toNanos();
    long wait = clock.controlled() ? LOOK_AT_CLOCK : Math.max(0, Math.min(left, LOOK));
    endpoint.getComponent().later(wait, () -> look(key, batch, due));
  }

  private void look(BatchKey key, Batch batch, Instant due) {
    Exchange last;
    synchronized (this) {
      if (open.get(key) != batch) {
        return; // sent
      }
      last = batch.last();
    }
    // without the lock, because Camel may hold its own while it stops this step
    boolean stopping = BatchSource.isStopping(endpoint.getCamelContext(), last);
    synchronized (this) {
      if (open.get(key) != batch) {
        return;
      }
      if (!stopping && endpoint.clock().now().isBefore(due)) {
        expire(key, batch, due);
        return;
      }
      take(key);
    }
    if (stopping) {
      batch.fail(new BatchException("the route stops; the message is redelivered", null));
    } else {
      batch.prepare();
      batch.go();
    }
  }

  /** Takes all batches. */
  synchronized List<Batch> close() {
    List<Batch> left = List.copyOf(open.values());
    open.clear();
    held = 0;
    return left;
  }
}
