package routes.link;

import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Decides when a connection pings: after a silence of either side as long as the keep-alive. Used
 * on the event loop only.
 */
final class KeepAlive {
  /** Sends a ping, or ends the connection. */
  @FunctionalInterface
  interface Ping {
    /**
     * @param missing whether nothing has come since the last ping
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
   * @param seconds 0 for no pings
   */
  void start(long seconds) {
    interval = TimeUnit.SECONDS.toNanos(seconds);
    if (interval > 0) {
      schedule(interval);
    }
  }

  private void schedule(long nanos) {
    next = LinkLoop.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
  }

  private void look() {
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
