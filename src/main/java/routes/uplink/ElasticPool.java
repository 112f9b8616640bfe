package routes.uplink;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs route steps on one thread, and on more only while steps block: a thread is added when tasks
 * wait and none has ended for {@value #STALL_MILLIS} ms. Tasks start in the order they were given.
 */
public final class ElasticPool implements Executor, AutoCloseable {
  private static final long STALL_MILLIS = 5;
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "pool watch"));

  private final ThreadPoolExecutor threads;
  private final int most;
  private final AtomicBoolean watched = new AtomicBoolean();
  private long completed;

  /**
   * @param name of the threads
   * @param most how many threads there may be
   */
  public ElasticPool(String name, int most) {
    this.most = most;
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            1,
            most,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            task -> daemon(task, name + " " + number.incrementAndGet()));
    threads.allowCoreThreadTimeOut(true);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * @throws java.util.concurrent.RejectedExecutionException after {@link #close()}
   */
  @Override
  public void execute(Runnable task) {
    threads.execute(task);
    if (watched.compareAndSet(false, true)) {
      watchLater();
    }
  }

  private void watchLater() {
    WATCH.schedule(this::watch, STALL_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void watch() {
    if (threads.getQueue().isEmpty()) {
      watched.set(false);
      if (threads.getQueue().isEmpty() || !watched.compareAndSet(false, true)) {
        threads.setCorePoolSize(1);
        return;
      }
    }
    long now = threads.getCompletedTaskCount();
    int size = threads.getCorePoolSize();
    if (now == completed && size < most && !threads.isShutdown()) {
      threads.setCorePoolSize(size + 1);
    }
    completed = now;
    watchLater();
  }

  /** Interrupts what runs and drops what waits. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
