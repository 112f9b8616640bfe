package routes.jetstream;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import routes.uplink.Uplink;

/** An uplink that tests connect and disconnect. */
public final class FakeUplink implements Uplink {
  private boolean connected = true;
  private Instant since = Instant.now();
  private long reconnects;
  private volatile boolean busy;
  private volatile Error broken;

  /** From now on {@link #connected()} throws this Error; null restores it. */
  public void breakWith(Error error) {
    broken = error;
  }

  /** From now on, each failure counts as a lack of capacity. */
  public void busy() {
    busy = true;
  }

  public synchronized void lose() {
    connected = false;
    since = Instant.now();
    notifyAll();
  }

  public synchronized void comeBack() {
    connected = true;
    since = Instant.now();
    reconnects++;
    notifyAll();
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public synchronized boolean connected() {
    if (broken != null) {
      throw broken;
    }
    return connected;
  }

  @Override
  public synchronized boolean awaitConnected(Duration timeout) throws InterruptedException {
    if (!connected) {
      wait(timeout.toMillis());
    }
    return connected;
  }

  @Override
  public synchronized Instant since() {
    return since;
  }

  @Override
  public Optional<String> lastError() {
    return Optional.empty();
  }

  @Override
  public synchronized long reconnects() {
    return reconnects;
  }

  @Override
  public Verdict verdict(Throwable failure, long reconnects) {
    return busy ? Verdict.BUSY : Uplink.super.verdict(failure, reconnects);
  }
}
