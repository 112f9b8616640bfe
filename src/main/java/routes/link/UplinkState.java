package routes.link;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Connected or not, since when, and why not. A renewal of the credential counts as connected. */
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

  /** The connection gives way to one with a new credential, and counts as connected meanwhile. */
  synchronized void renew() {
    renewing = connected;
  }

  /** An attempt to connect failed, or the connection has ended. */
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

  /** Whether the last error is a refusal of this device by the broker. */
  synchronized boolean refused() {
    return refused;
  }

  synchronized long reconnects() {
    return Math.max(0, connects - 1);
  }
}
