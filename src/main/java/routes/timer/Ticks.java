package routes.timer;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import routes.log.Loops;

/** Records when the steps of a timer's route last succeeded, and why they have failed since. */
final class Ticks extends DelegateAsyncProcessor {
  private final String timer;
  private volatile long succeeded;
  private volatile Throwable failure;
  private volatile Exchange running;

  /**
   * @param timer the timer's name
   */
  Ticks(String timer, Processor steps) {
    super(steps);
    this.timer = timer;
  }

  void begin(long nanos) {
    succeeded = nanos;
    failure = null;
  }

  /** In {@link System#nanoTime}. */
  long succeeded() {
    return succeeded;
  }

  /** The failure since the last success; null if none. */
  Throwable failure() {
    Exchange last = running;
    Throwable retried = last == null ? null : caught(last);
    return retried == null ? failure : retried;
  }

  /** Whether a tick is in progress, possibly waiting for a retry. */
  boolean running() {
    return running != null;
  }

  private static Throwable caught(Exchange exchange) {
    return exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Throwable.class);
  }

  @Override
  public boolean process(Exchange exchange, AsyncCallback callback) {
    running = exchange;
    try {
      return super.process(
          exchange,
          synchronously -> {
            ended(exchange);
            callback.done(synchronously);
          });
    } catch (Throwable e) {
      Loops.failed("timer " + timer, e);
      failure = e;
      running = null;
      return true;
    }
  }

  /** Counts a failure even if the route's error handler handled it. */
  private void ended(Exchange exchange) {
    Throwable thrown =
        exchange.getException() != null
            ? exchange.getException()
            : exchange.getExchangeExtension().isFailureHandled() ? caught(exchange) : null;
    Loops.endIfOutOfMemory(thrown);
    if (thrown == null) {
      succeeded = System.nanoTime();
    }
    failure = thrown;
    if (running == exchange) {
      running = null;
    }
  }
}
