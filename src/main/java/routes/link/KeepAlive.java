package routes.link;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** One connection's pings, on a shared daemon thread: Paho's timer is a new thread each time. */
final class KeepAlive {
  private final ScheduledExecutorService timer;
  private ScheduledFuture<?> next;
  private boolean stopped;

  KeepAlive(ScheduledExecutorService timer) {
    this.timer = timer;
  }

  synchronized void schedule(Runnable ping, long millis) {
    if (!stopped) {
      if (next != null) {
        next.cancel(false);
      }
      try {
        next = timer.schedule(ping, millis, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        // Stopped.
      }
    }
  }

  synchronized void stop() {
    stopped = true;
    if (next != null) {
      next.cancel(false);
    }
  }
}
