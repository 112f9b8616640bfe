package routes.uplink;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Hands items to a pool in order: one task takes all that wait, because waking a thread for each
 * costs more than the item's work. A second task stands by, which the pool starts only if the first
 * one blocks.
 */
public final class Handover<T> {
  /** Items per task: the pool takes a task that never ends for a blocked one. */
  private static final int BATCH = 256;

  private final Queue<T> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean standby = new AtomicBoolean();
  private final Executor pool;
  private final Consumer<T> action;

  /**
   * @param action called on the pool, once per item; throws nothing but Errors
   */
  public Handover(Executor pool, Consumer<T> action) {
    this.pool = pool;
    this.action = action;
  }

  /** Adds an item; {@link #handOver} has to follow. */
  public void add(T item) {
    waiting.add(item);
  }

  public void handOver() {
    if (!waiting.isEmpty() && standby.compareAndSet(false, true)) {
      pool.execute(this::take);
    }
  }

  private void take() {
    standby.set(false);
    T item;
    for (int i = 0; i < BATCH && (item = waiting.poll()) != null; i++) {
      handOver();
      action.accept(item);
    }
  }
}
