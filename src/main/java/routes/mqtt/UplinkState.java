package routes.mqtt;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Connected or not, since when, and why not. */
final class UplinkState {
  private boolean connected;
  private Instant since = Instant.now();
  private String lastError;
  private long connects;

  synchronized void connected() {
    connected = true;
    since = Instant.now();
    connects++;
    notifyAll();
  }

  /** A try to connect failed, or the connection is gone. */
  synchronized void away(String error) {
    lastError = error;
    if (connected) {
      connected = false;
      since = Instant.now();
    }
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

  synchronized long reconnects() {
    return Math.max(0, connects - 1);
  }
}
