package routes.jetstream;

import java.time.Duration;
import java.util.Optional;
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
import routes.bus.Bus;
import routes.uplink.Uplink;

/**
 * Routes the messages of a durable consumer, and acknowledges each when its exchange has succeeded.
 * One that failed comes again after a delay; one that is still held when the route stops goes back
 * at once.
 */
public final class JetStreamConsumer extends DefaultConsumer implements ShutdownAware, Suspendable {
  private static final Duration STOP_WAIT = Duration.ofSeconds(3);

  private final JetStreamEndpoint endpoint;
  private final Bus bus;
  private final DurableConsumer durable;
  private final Uplink uplink;
  private final Semaphore slots;
  private Gateway gateway;
  private Deliveries deliveries;
  private ExecutorService workers;
  private ScheduledFuture<?> keeping;
  private ScheduledFuture<?> watching;
  private volatile Puller puller;
  private long returnedBefore;

  JetStreamConsumer(JetStreamEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.bus = endpoint.getComponent().bus();
    this.durable = endpoint.durable();
    this.uplink = endpoint.getUplink();
    this.slots = new Semaphore(durable.inFlight());
  }

  @Override
  protected void doInit() throws Exception {
    super.doInit();
    gateway = gateway();
    deliveries =
        new Deliveries(
            bus, uplink, gateway, slots, durable.inFlight(), endpoint.getComponent().deadAfter());
  }

  private Gateway gateway() {
    return endpoint.getComponent().gateway(getRouteId() == null ? durable.name() : getRouteId());
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    JetStreamComponent component = endpoint.getComponent();
    workers = component.workers(this, durable.inFlight());
    long ackWait = durable.ackWait().toNanos();
    keeping = component.every(Duration.ofNanos(ackWait / 6), () -> deliveries.keep(ackWait / 3));
    watching = component.every(component.watchPeriod(), new GatewayWatch(bus, durable, gateway));
    pull();
  }

  @Override
  protected void doResume() {
    pull();
  }

  @Override
  protected void doSuspend() throws InterruptedException {
    stopPulling();
  }

  @Override
  protected void doStop() throws Exception {
    // Camel interrupts a stop that takes too long, then stops by force: this must still be done.
    boolean interrupted = Thread.interrupted();
    try {
      stopPulling();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    watching.cancel(false);
    deliveries.giveBackAll();
    keeping.cancel(false);
    endpoint.getCamelContext().getExecutorServiceManager().shutdownNow(workers);
    super.doStop();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes no more from the bus, and returns at once. */
  public void retire() {
    Puller last = puller;
    if (last != null) {
      last.stop();
    }
    returnedBefore = gateway.returnedCount();
  }

  /** Nothing is worked on and, after {@link #retire()}, nothing more comes. */
  public boolean isIdle() {
    Puller last = puller;
    return (last == null || last.stopped()) && deliveries.size() == 0;
  }

  /** What is worked on goes back to the bus at once, whatever becomes of it here. */
  public void giveBackAll() {
    deliveries.giveBackAll();
  }

  /** Messages that went back to the bus since {@link #retire()}. */
  public long handedBack() {
    return gateway.returnedCount() - returnedBefore;
  }

  private void pull() {
    puller = new Puller(bus, uplink, durable, gateway, slots, deliveries, this::take);
    endpoint
        .getCamelContext()
        .getExecutorServiceManager()
        .newThread("pull " + durable.name(), puller)
        .start();
  }

  private void stopPulling() throws InterruptedException {
    Puller last = puller;
    if (last != null) {
      last.stop();
      last.awaitStopped(STOP_WAIT);
    }
  }

  private void take(Delivery delivery) {
    try {
      workers.execute(() -> route(delivery));
    } catch (RejectedExecutionException e) {
      deliveries.giveBack(delivery);
    }
  }

  private void route(Delivery delivery) {
    if (puller.stopping()) {
      deliveries.giveBack(delivery);
      return;
    }
    if (delivery.isForAnother(gateway.id())) {
      deliveries.skipped(delivery);
      return;
    }
    if (deliveries.postponed(delivery)) {
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
    Throwable failure = exchange.getException();
    releaseExchange(exchange, false);
    if (failure != null && puller.stopping()) {
      deliveries.giveBack(delivery);
    } else if (failure != null) {
      deliveries.failed(delivery, failure);
    } else {
      deliveries.succeeded(delivery);
    }
  }

  @Override
  public boolean deferShutdown(ShutdownRunningTask task) {
    return false;
  }

  /** Messages that are worked on: a stop waits for them within Camel's shutdown timeout. */
  @Override
  public int getPendingExchangesSize() {
    return deliveries.size();
  }

  @Override
  public void prepareShutdown(boolean suspendOnly, boolean forced) {
    // Nothing to prepare: doSuspend stops the pulling, doStop gives back what is left.
  }

  /** Messages in the stream that are not delivered yet, 5 s old at most; -1 while unknown. */
  public long backlog() {
    return gateway().backlog();
  }

  /** Messages delivered since the process started. */
  public long delivered() {
    return gateway().delivered();
  }

  /** Failures with a connected uplink since the process started. */
  public long refused() {
    return gateway().refused();
  }

  /** Messages that went to the stream DEAD since the process started. */
  public long dead() {
    return gateway().dead();
  }

  /** Messages that were delivered to this process again since it started. */
  public long redeliveries() {
    return gateway().redeliveries();
  }

  /** Messages that went before they were delivered, since the process started. */
  public long drops() {
    return gateway().drops();
  }

  public Optional<Uplink> uplink() {
    return Optional.ofNullable(uplink);
  }
}
