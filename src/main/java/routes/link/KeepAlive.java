package routes.link;

import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Decides when to ping: as soon as either side has been silent for the keep-alive interval. Used on
 * the event loop only.
 */
final class KeepAlive {
  /** Sends a ping, or ends the connection. */
  @FunctionalInterface
  interface Ping {
    /**
     * @param missing whether nothing has arrived since the last ping
     */
    void due(boolean missing);
  }

  private final Ping ping;
  private long interval;
  private long read;
  private long wrote;
  private boolean pinged;
  private Future<?> next;

  KeepAlive(Ping ping) {
    this.ping = ping;
  }

  void read() {
    read = System.nanoTime();
    pinged = false;
  }

  void wrote() {
    wrote = System.nanoTime();
  }

  /**
   * @param seconds 0 disables pings
   */
  void start(long seconds) {
    interval = TimeUnit.SECONDS.toNanos(seconds);
    if (interval > 0) {
      schedule(interval);
    }
  }

  private void schedule(long nanos) {
    next = LinkLoop.schedule(this::check, nanos, TimeUnit.NANOSECONDS);
  }

  private void check() {
    long silence = System.nanoTime() - Math.min(read, wrote);
    if (pinged) {
      ping.due(true);
    } else if (silence >= interval) {
      pinged = true;
      schedule(interval);
      ping.due(false);
    } else {
      schedule(interval - silence);
    }
  }

  void stop() {
    if (next != null) {
      next.cancel(false);
    }
  }
}
