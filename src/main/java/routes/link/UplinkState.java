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

  /** The connection is about to be made anew, with a new credential. */
  synchronized void renew() {
    renewing = connected;
  }

  synchronized boolean renewing() {
    return renewing;
  }

  /** Returns once a renewal, if there is one, has succeeded or failed. */
  synchronized void awaitRenewed() throws InterruptedException {
    while (renewing) {
      wait();
    }
  }

  /** A try to connect failed, or the connection is gone. */
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

  /** Whether the last error is the broker's no to this device. */
  synchronized boolean refused() {
    return refused;
  }

  synchronized long reconnects() {
    return Math.max(0, connects - 1);
  }
}
