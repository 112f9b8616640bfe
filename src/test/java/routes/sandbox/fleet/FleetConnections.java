package routes.sandbox.fleet;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Counts connected devices: while they start, and after all clouds were unavailable. */
final class FleetConnections {
  private static final long POLL_MILLIS = 20;

  private final FleetClouds clouds;
  private final int all;
  private final PrintStream out;
  private volatile boolean abandoned;

  FleetConnections(FleetClouds clouds, int all, PrintStream out) {
    this.clouds = clouds;
    this.all = all;
    this.out = out;
  }

  /** Ends the wait for devices that will not connect. */
  void abandon() {
    abandoned = true;
  }

  /**
   * Waits until all devices are connected, and prints a line per second.
   *
   * @param what ends the result's line
   * @return false if some are not connected when the time is over
   */
  boolean await(String what, Duration patience) throws InterruptedException {
    long start = System.nanoTime();
    long first = 0;
    long second = 1;
    int connected;
    while ((connected = clouds.connected()) < all) {
      long now = System.nanoTime() - start;
      first = connected > 0 && first == 0 ? now : first;
      if (abandoned || now > patience.toNanos()) {
        out.printf("%d of %d devices %s after %.1f s%n", connected, all, what, now / 1e9);
        return false;
      }
      if (now >= TimeUnit.SECONDS.toNanos(second)) {
        out.printf("%4d s  connected %d%n", second++, connected);
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    out.printf(
        "%d devices %s in %.1f s (%.0f per second; the first after %.1f s)%n",
        all, what, seconds, all / seconds, (first == 0 ? seconds : first / 1e9));
    return true;
  }

  /** Makes all clouds unavailable for a time. */
  void cut(Duration time) throws InterruptedException {
    clouds.disappear();
    TimeUnit.MILLISECONDS.sleep(time.toMillis());
    int connected = clouds.connected();
    if (connected > 0) {
      throw new IllegalStateException(connected + " devices are connected to absent clouds");
    }
    clouds.reappear();
  }
}
