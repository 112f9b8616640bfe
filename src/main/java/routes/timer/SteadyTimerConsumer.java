package routes.timer;

import java.time.Duration;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.timer.TimerConsumer;
import org.apache.camel.component.timer.TimerEndpoint;

/** Fires on {@link System#nanoTime}, which wall clock changes do not affect. */
public final class SteadyTimerConsumer extends TimerConsumer {
  private static final int MISSED = 3;

  private final Ticks ticks;
  private volatile ScheduledExecutorService thread;
  private Future<?> next;
  private long fired;

  SteadyTimerConsumer(TimerEndpoint endpoint, Ticks ticks) {
    super(endpoint, ticks);
    this.ticks = ticks;
  }

  /** Called when the route starts, and again when the context has started. */
  @Override
  protected void configureTask(TimerTask task, Timer timer) {
    if (thread != null) {
      return;
    }
    long delay = getDelay();
    long period = getPeriod();
    ticks.begin(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay));
    fired = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(period);
    thread =
        getEndpoint()
            .getCamelContext()
            .getExecutorServiceManager()
            .newSingleThreadScheduledExecutor(this, "timer://" + getTimerName());
    next =
        period > 0
            ? thread.scheduleAtFixedRate(() -> fire(task), delay, period, TimeUnit.MILLISECONDS)
            : thread.schedule(task, delay, TimeUnit.MILLISECONDS);
  }

  /** Without {@code fixedRate}, ticks that were due during a long one are skipped. */
  private void fire(TimerTask task) {
    long now = System.nanoTime();
    if (isFixedRate() || now - fired > TimeUnit.MILLISECONDS.toNanos(getPeriod()) / 2) {
      fired = now;
      task.run();
    }
  }

  @Override
  protected void doStop() throws Exception {
    if (thread != null) {
      next.cancel(false); // lets a running tick finish
      getEndpoint().getCamelContext().getExecutorServiceManager().shutdown(thread);
      thread = null;
    }
    super.doStop();
  }

  /** Why no tick has succeeded for three periods; empty if one has. */
  public Optional<String> overdue() {
    long silence = System.nanoTime() - ticks.succeeded();
    if (thread == null
        || getPeriod() <= 0
        || getRepeatCount() > 0
        || silence <= MISSED * TimeUnit.MILLISECONDS.toNanos(getPeriod())) {
      return Optional.empty();
    }
    Throwable failure = ticks.failure();
    String reason =
        failure != null
            ? failure.getMessage() == null ? failure.toString() : failure.getMessage()
            : ticks.running() ? "the last one is still running" : "the timer does not fire";
    return Optional.of("no sample for " + Duration.ofNanos(silence).toSeconds() + " s: " + reason);
  }
}
