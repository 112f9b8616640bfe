package routes.uplink;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import routes.log.Loops;

/**
 * Runs route steps on one thread, and on more only while steps block: a thread is added if tasks
 * are waiting and, for several checks in a row, either every thread was blocked or no task ended.
 * Tasks start in submission order.
 */
public final class ElasticPool implements Executor, AutoCloseable {
  private static final long CHECK_MILLIS = 5;

  /** Consecutive checks; a thread that waits for a lock also looks blocked. */
  private static final int BLOCKED = 10;

  /**
   * A second criterion, because a thread that blocks in a socket read looks runnable. It is longer
   * than a garbage collection.
   */
  private static final int STALLED = 20;

  /** A thread ends after this many checks without a waiting task. */
  private static final int QUIET = 40;

  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "pool watch"));

  private final String name;
  private final ThreadPoolExecutor threads;
  private final int most;
  private final Set<Thread> alive = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean watched = new AtomicBoolean();
  private long completed;
  private int blocked;
  private int stalled;
  private int quiet;

  /**
   * @param name the prefix of the threads' names
   * @param most the maximum number of threads
   */
  public ElasticPool(String name, int most) {
    this(name, most, numbered(name));
  }

  ElasticPool(String name, int most, ThreadFactory factory) {
    this.name = name;
    this.most = most;
    threads =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = factory.newThread(task);
              alive.add(thread);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  private static ThreadFactory numbered(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> daemon(task, name + " " + number.incrementAndGet());
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * @throws RejectedExecutionException after {@link #close()}
   */
  @Override
  public void execute(Runnable task) {
    // Always through the queue; execute() would hand the task to a thread that has yet to start,
    // and the next task might overtake it.
    Runnable step = Loops.step(name, task);
    threads.getQueue().add(step);
    if (threads.isShutdown() && threads.remove(step)) {
      throw new RejectedExecutionException("the pool is closed");
    }
    threads.prestartCoreThread();
    if (watched.compareAndSet(false, true)) {
      watchLater();
    }
  }

  private void watchLater() {
    WATCH.schedule(Loops.step("pool watch", this::watch), CHECK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void watch() {
    boolean waiting = !threads.getQueue().isEmpty();
    long now = threads.getCompletedTaskCount();
    int size = threads.getCorePoolSize();
    quiet = waiting ? 0 : quiet + 1;
    blocked = waiting && allBlocked() ? blocked + 1 : 0;
    stalled = waiting && now == completed ? stalled + 1 : 0;
    if ((blocked >= BLOCKED || stalled >= STALLED) && size < most) {
      resize(size + 1);
    } else if (quiet >= QUIET && size > 1) {
      quiet = 0;
      resize(size - 1);
    }
    completed = now;
    if (!waiting && size == 1) {
      watched.set(false);
      if (threads.getQueue().isEmpty() || !watched.compareAndSet(false, true)) {
        return;
      }
    }
    watchLater();
  }

  private boolean allBlocked() {
    alive.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
    // On a busy machine a thread that was just woken waits for a processor; it has no task yet.
    return threads.getActiveCount() == threads.getPoolSize()
        && alive.stream()
            .map(Thread::getState)
            .noneMatch(state -> state == Thread.State.RUNNABLE || state == Thread.State.NEW);
  }

  /** Sets both limits; threads above the maximum end at once, others only when idle. */
  private void resize(int size) {
    if (threads.isShutdown()) {
      return;
    }
    if (size > threads.getMaximumPoolSize()) {
      threads.setMaximumPoolSize(size);
      threads.setCorePoolSize(size);
    } else {
      threads.setCorePoolSize(size);
      threads.setMaximumPoolSize(size);
    }
  }

  /** Interrupts running tasks and drops waiting ones. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
