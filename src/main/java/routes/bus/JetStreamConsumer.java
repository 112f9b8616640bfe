package routes.bus;

import io.nats.client.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.support.DefaultConsumer;

/**
 * Routes the messages of a durable consumer, and acknowledges each when its exchange has succeeded.
 * One that failed comes again after a delay; one that is still held when the route stops goes back
 * at once.
 */
public final class JetStreamConsumer extends DefaultConsumer
    implements ShutdownAware, Suspendable, Puller.Owner {
  private static final Duration OUTAGE_DELAY = Duration.ofSeconds(1);
  private static final Duration STOP_WAIT = Duration.ofSeconds(3);
  private static final int LONGEST_DELAY_SECONDS = 60;

  private final JetStreamEndpoint endpoint;
  private final Bus bus;
  private final DurableConsumer durable;
  private final Uplink uplink;
  private final Semaphore slots;
  private final Set<Delivery> held = ConcurrentHashMap.newKeySet();
  private final Queue<Delivery> unreported = new ConcurrentLinkedQueue<>();
  private Gateway gateway;
  private ExecutorService workers;
  private ScheduledFuture<?> keeping;
  private ScheduledFuture<?> watching;
  private volatile Puller puller;

  JetStreamConsumer(JetStreamEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.bus = endpoint.getComponent().bus();
    this.durable = endpoint.durable();
    this.uplink = endpoint.getUplink();
    this.slots = new Semaphore(durable.inFlight());
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    JetStreamComponent component = endpoint.getComponent();
    gateway = component.gateway(getRouteId() == null ? durable.name() : getRouteId());
    workers = component.workers(this, durable.inFlight());
    long ackWait = durable.ackWait().toNanos();
    keeping =
        component.every(Duration.ofNanos(ackWait / 6), () -> keep(System.nanoTime(), ackWait / 3));
    watching = component.every(component.watchPeriod(), new GatewayWatch(bus, durable, gateway));
    pull();
  }

  @Override
  protected void doResume() throws Exception {
    pull();
  }

  @Override
  protected void doSuspend() throws Exception {
    stopPulling();
  }

  @Override
  protected void doStop() throws Exception {
    // Camel interrupts a stop that takes too long, and then stops by force: this must still be
    // done.
    boolean interrupted = Thread.interrupted();
    try {
      stopPulling();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    watching.cancel(false);
    for (Delivery delivery : held) {
      if (delivery.settle()) {
        giveBack(delivery, delivery.refusals(), Duration.ZERO);
      }
    }
    keeping.cancel(false);
    endpoint.getCamelContext().getExecutorServiceManager().shutdownNow(workers);
    super.doStop();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void pull() {
    puller = new Puller(bus, uplink, durable, gateway, slots, this);
    Thread thread =
        endpoint
            .getCamelContext()
            .getExecutorServiceManager()
            .newThread("jetstream " + durable.name(), puller);
    thread.start();
  }

  private void stopPulling() throws InterruptedException {
    Puller last = puller;
    if (last != null) {
      last.stop();
      last.awaitStopped(STOP_WAIT);
    }
  }

  private void keep(long now, long interval) {
    for (Delivery delivery : held) {
      delivery.keep(bus, now, interval);
    }
  }

  @Override
  public void take(Message message) {
    Delivery delivery = gateway.received(message, uplink == null ? 0 : uplink.reconnects());
    held.add(delivery);
    try {
      workers.execute(() -> route(delivery));
    } catch (RejectedExecutionException e) {
      end(delivery, delivery.refusals(), Duration.ZERO);
    }
  }

  @Override
  public void giveBack(Message message) {
    Delivery delivery = gateway.received(message, 0);
    giveBack(delivery, delivery.refusals(), Duration.ZERO);
    slots.release();
  }

  @Override
  public void forget() {
    held.forEach(Delivery::settle);
    unreported.clear();
  }

  private void route(Delivery delivery) {
    if (puller.stopping()) {
      end(delivery, delivery.refusals(), Duration.ZERO);
      return;
    }
    Exchange exchange = createExchange(false);
    try {
      delivery.copyTo(exchange, endpoint.getHeaderFilterStrategy());
      getAsyncProcessor().process(exchange, sync -> routed(delivery, exchange));
    } catch (RuntimeException e) {
      exchange.setException(e);
      routed(delivery, exchange);
    }
  }

  private void routed(Delivery delivery, Exchange exchange) {
    boolean failed = exchange.isFailed();
    releaseExchange(exchange, false);
    if (!failed) {
      if (delivery.settle()) {
        delivery.ack();
        gateway.acknowledged();
        report(delivery);
      }
      release(delivery);
    } else if (uplink != null
        && (!uplink.connected() || uplink.reconnects() != delivery.reconnects())) {
      end(delivery, delivery.refusals(), OUTAGE_DELAY);
    } else {
      int refusals = gateway.refused(delivery);
      int seconds = Math.min(1 << Math.min(refusals - 1, 10), LONGEST_DELAY_SECONDS);
      end(delivery, refusals, Duration.ofSeconds(seconds));
    }
  }

  private void end(Delivery delivery, int refusals, Duration delay) {
    if (delivery.settle()) {
      giveBack(delivery, refusals, delay);
    }
    release(delivery);
  }

  private void giveBack(Delivery delivery, int refusals, Duration delay) {
    gateway.returned(delivery, refusals);
    delivery.nak(delay);
    report(delivery);
  }

  private void report(Delivery delivery) {
    if (!delivery.report(bus)) {
      unreported.add(delivery);
    }
  }

  @Override
  public void reportAgain() {
    for (Delivery delivery; (delivery = unreported.peek()) != null && delivery.report(bus); ) {
      unreported.remove(delivery);
    }
  }

  private void release(Delivery delivery) {
    held.remove(delivery);
    slots.release();
  }

  @Override
  public boolean deferShutdown(ShutdownRunningTask task) {
    return false;
  }

  /** Messages that are worked on: a stop waits for them within Camel's shutdown timeout. */
  @Override
  public int getPendingExchangesSize() {
    return held.size();
  }

  @Override
  public void prepareShutdown(boolean suspendOnly, boolean forced) {
    // Nothing to prepare: doSuspend stops the pulling, doStop gives back what is left.
  }

  /** Messages in the stream that are not delivered yet, 5 s old at most; -1 while unknown. */
  public long backlog() {
    return gateway == null ? -1 : gateway.backlog();
  }

  /** Messages delivered since the process started. */
  public long delivered() {
    return gateway == null ? 0 : gateway.delivered();
  }

  /** Failures with a connected uplink since the process started. */
  public long refused() {
    return gateway == null ? 0 : gateway.refused();
  }

  /** Messages that were delivered to this process again since it started. */
  public long redeliveries() {
    return gateway == null ? 0 : gateway.redeliveries();
  }

  /** Messages that went before they were delivered, since the process started. */
  public long drops() {
    return gateway == null ? 0 : gateway.drops();
  }

  public Optional<Uplink> uplink() {
    return Optional.ofNullable(uplink);
  }
}
