package routes.routefiles;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Runs tasks when the clock is advanced, on the thread that advances it. */
final class SteppedScheduler extends AbstractExecutorService implements ScheduledExecutorService {
  private final SteppedClock clock;
  private final Queue<Task<?>> tasks =
      new PriorityQueue<>(
          Comparator.<Task<?>, Instant>comparing(t -> t.due).thenComparing(t -> t.number));
  private long count;

  SteppedScheduler(SteppedClock clock) {
    this.clock = clock;
  }

  private final class Task<V> extends FutureTask<V> implements ScheduledFuture<V> {
    private final Duration period;
    private final long number = count++;
    private Instant due;

    /**
     * @param period null for a task that runs once
     */
    Task(Callable<V> work, Duration delay, Duration period) {
      super(work);
      this.period = period;
      this.due = clock.after(delay);
    }

    @Override
    public void run() {
      if (period == null) {
        super.run();
      } else if (runAndReset()) {
        due = clock.after(period);
        add(this);
      }
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(Duration.between(clock.instant(), due));
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  /**
   * Moves the clock, stopping at each task that becomes due.
   *
   * @param after called after each task
   */
  void advance(Duration time, Runnable after) {
    Instant end = clock.after(time);
    for (Task<?> next = take(end); next != null; next = take(end)) {
      clock.set(next.due);
      next.run();
      after.run();
    }
    clock.set(end);
  }

  /** Whether a task that runs once is waiting. */
  synchronized boolean isWaiting() {
    return tasks.stream().anyMatch(task -> task.period == null);
  }

  private synchronized Task<?> take(Instant end) {
    tasks.removeIf(Task::isCancelled);
    return tasks.isEmpty() || tasks.peek().due.isAfter(end) ? null : tasks.remove();
  }

  private synchronized <V> Task<V> add(Task<V> task) {
    tasks.add(task);
    return task;
  }

  private static Duration duration(long time, TimeUnit unit) {
    return Duration.of(time, unit.toChronoUnit());
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return schedule(Executors.callable(command), delay, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return add(new Task<>(callable, duration(delay, unit), null));
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    return add(
        new Task<>(
            Executors.callable(command), duration(initialDelay, unit), duration(period, unit)));
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    return scheduleAtFixedRate(command, initialDelay, delay, unit);
  }

  @Override
  public void execute(Runnable command) {
    command.run();
  }

  @Override
  public void shutdown() {
    // shared by all users of the scheduler, and without threads
  }

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
