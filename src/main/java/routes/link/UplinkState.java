package routes.link;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether a link is connected, since when, and its last error. A link that is renewing its
 * credential counts as connected.
 */
final class UplinkState {
  private boolean connected;
  private Instant since = Instant.now();
  private String lastError;
  private long connects;
  private boolean renewing;
  private boolean refused;

  synchronized void connected() {
    if (!renewing) {
      connected = true;
      since = Instant.now();
      connects++;
    }
    renewing = false;
    notifyAll();
  }

  /**
   * The connection is about to be replaced by one with a new credential, and counts as connected
   * meanwhile.
   */
  synchronized void renew() {
    renewing = connected;
  }

  /** A connection attempt failed, or the connection ended. */
  synchronized void away(Failure why) {
    lastError = why.getMessage();
    refused = why.kind() == Failure.Kind.REFUSED;
    renewing = false;
    if (connected) {
      connected = false;
      since = Instant.now();
    }
    notifyAll();
  }

  synchronized boolean isConnected() {
    return connected;
  }

  synchronized boolean awaitConnected(Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (!connected) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  synchronized Instant since() {
    return since;
  }

  synchronized Optional<String> lastError() {
    return Optional.ofNullable(lastError);
  }

  /** Whether the last error is that the broker refused this device. */
  synchronized boolean refused() {
    return refused;
  }

  synchronized long reconnects() {
    return Math.max(0, connects - 1);
  }
}
