package routes;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.MainSupport;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.jetstream.Consumers;
import routes.jetstream.JetStreamConsumer;
import routes.log.ConsoleLog;
import routes.settings.Settings;
import routes.timer.SteadyTimerConsumer;

/**
 * Stops the runtime gracefully: collectors stop, gateways stop pulling messages, messages in flight
 * have {@code shutdown.timeout} to receive their PUBACK, and the rest return to the bus. Then Camel
 * stops everything else: commands, the cloud connections with DISCONNECT, and NATS last, after all
 * acknowledgements have been sent.
 */
final class GracefulStop extends MainListenerSupport {
  private static final Logger LOG = LoggerFactory.getLogger(GracefulStop.class);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final Duration LEAST = Duration.ofSeconds(1);

  /** Time after the drain, for disconnecting from brokers and NATS that do not respond. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final AtomicBoolean stopping = new AtomicBoolean();
  private volatile Duration timeout = Duration.ofSeconds(10);
  private List<JetStreamConsumer> gateways = List.of();

  /** Makes signals stop the runtime from now on. */
  void listen(MainSupport main) {
    Signals.onStop(() -> stop(main));
  }

  /** Stops the runtime, unless that is in progress; returns if the process is about to end. */
  void stop(MainSupport main) {
    if (stopping.compareAndSet(false, true)) {
      main.completed();
      haltLate();
    }
  }

  /** Exits even if something hangs; the bus redelivers the messages after their ack wait. */
  private void haltLate() {
    try {
      TimeUnit.MILLISECONDS.sleep(timeout.plus(GRACE).toMillis());
    } catch (InterruptedException e) {
      return;
    }
    LOG.error("not stopped within {} s; exiting", timeout.plus(GRACE).toSeconds());
    Runtime.getRuntime().halt(1);
  }

  @Override
  public void beforeStart(BaseMainSupport main) {
    timeout = new Settings(main.getCamelContext()).duration("shutdown.timeout");
  }

  @Override
  public void beforeStop(BaseMainSupport main) {
    long deadline = System.nanoTime() + timeout.toNanos();
    CamelContext context = main.getCamelContext();
    ConsoleLog.hush(
        name ->
            name.startsWith("org.apache.camel.")
                || name.equals(SteadyTimerConsumer.class.getName()));
    stopCollectors(context);
    gateways = Consumers.of(context);
    gateways.forEach(JetStreamConsumer::retire);
    LOG.info("stopping; {} messages in flight", inFlight());
    if (!drained(deadline)) {
      // Each message would log its failure.
      ConsoleLog.hush(name -> !name.equals(LOG.getName()));
      gateways.forEach(JetStreamConsumer::returnAll);
    }
    long left = Math.max(deadline - System.nanoTime(), LEAST.toNanos());
    context.getShutdownStrategy().setTimeUnit(TimeUnit.NANOSECONDS);
    context.getShutdownStrategy().setTimeout(left);
  }

  @Override
  public void afterStop(BaseMainSupport main) {
    long returned = gateways.stream().mapToLong(JetStreamConsumer::returned).sum();
    LOG.info("stopped; {} messages returned to the bus", returned);
  }

  private static void stopCollectors(CamelContext context) {
    for (Route route : context.getRoutes()) {
      if ("collectors".equals(route.getGroup())) {
        ServiceHelper.stopService(route.getConsumer());
      }
    }
  }

  private long inFlight() {
    return gateways.stream().mapToLong(JetStreamConsumer::getPendingExchangesSize).sum();
  }

  private boolean drained(long deadline) {
    try {
      while (!gateways.stream().allMatch(JetStreamConsumer::isIdle)) {
        if (System.nanoTime() - deadline > 0) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
