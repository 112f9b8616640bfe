package routes.link;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;

/**
 * Tells senders what became of their messages, on the gateway's pool: one hand-over for all the
 * outcomes of a read. A second task stands by, which the pool starts only if a sender blocks.
 */
final class Outcomes {
  private final Queue<Outgoing> ended = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean added = new AtomicBoolean();
  private final AtomicBoolean standby = new AtomicBoolean();
  private final Executor pool;
  private final Logger log;

  Outcomes(Executor pool, Logger log) {
    this.pool = pool;
    this.log = log;
  }

  void add(Outgoing message) {
    ended.add(message);
    added.set(true);
  }

  void handOver() {
    if (added.compareAndSet(true, false)) {
      execute(this::tell);
    }
  }

  private void execute(Runnable task) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException e) {
      // The gateway has stopped; its senders still have to learn.
      ForkJoinPool.commonPool().execute(task);
    }
  }

  private void tell() {
    for (Outgoing message; (message = ended.poll()) != null; ) {
      if (!ended.isEmpty() && standby.compareAndSet(false, true)) {
        execute(
            () -> {
              standby.set(false);
              tell();
            });
      }
      try {
        message.tell();
      } catch (RuntimeException e) {
        log.warn("a message's end could not be handled: {}", e.toString());
      }
    }
  }
}
