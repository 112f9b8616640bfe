package routes.jetstream;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.support.DefaultConsumer;
import routes.bus.Bus;
import routes.log.Loops;
import routes.uplink.ElasticPool;
import routes.uplink.Gateway;
import routes.uplink.Handover;
import routes.uplink.Uplink;

/**
 * Routes the messages of a durable consumer and acknowledges each one when its exchange succeeds. A
 * failed message is redelivered after a delay. Messages in flight when the route stops return to
 * the bus at once.
 */
public final class JetStreamConsumer extends DefaultConsumer implements ShutdownAware, Suspendable {
  private static final Duration STOP_WAIT = Duration.ofSeconds(3);

  private final JetStreamEndpoint endpoint;
  private final Bus bus;
  private DurableConsumer durable;
  private final Uplink uplink;
  private final Window window;
  private ConsumerState state;
  private Deliveries deliveries;
  private ElasticPool ownPool;
  private Executor pool;
  private ScheduledFuture<?> inProgress;
  private ScheduledFuture<?> polling;
  private Handover<Delivery> arrived;
  private volatile Puller puller;
  private volatile boolean closed;
  private long returnedBefore;

  JetStreamConsumer(JetStreamEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.bus = endpoint.getComponent().bus();
    this.uplink = endpoint.getUplink();
    this.window = new Window(endpoint.getInFlight());
  }

  @Override
  protected void doInit() throws Exception {
    super.doInit();
    durable = endpoint.durable(getRouteId());
    state = state();
    deliveries =
        new Deliveries(bus, uplink, state, window, durable, endpoint.getComponent().deadAfter());
  }

  private ConsumerState state() {
    return endpoint.getComponent().state(getRouteId());
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    JetStreamComponent component = endpoint.getComponent();
    pool = uplink instanceof Gateway gateway ? gateway.pool() : ownPool();
    arrived = new Handover<>(this::execute, this::route);
    closed = false;
    long ackWait = durable.ackWait().toNanos();
    inProgress =
        component.every(Duration.ofNanos(ackWait / 6), () -> deliveries.inProgress(ackWait / 3));
    polling = component.every(component.pollPeriod(), new ConsumerPoll(bus, durable, state));
    pull();
  }

  private Executor ownPool() {
    ownPool = new ElasticPool("jetstream " + state.id(), durable.inFlight());
    return ownPool;
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
    // Camel interrupts a stop that takes too long and then forces it; the rest must still run.
    boolean interrupted = Thread.interrupted();
    try {
      stopPulling();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (polling != null) { // it is null if the route failed to start
      polling.cancel(false);
      deliveries.returnAll();
      inProgress.cancel(false);
    }
    if (ownPool != null) {
      ownPool.close();
    }
    super.doStop();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops pulling; returns at once. */
  public void retire() {
    Puller last = puller;
    if (last != null) {
      last.stop();
    }
    returnedBefore = state.returnedCount();
  }

  /** Whether no more messages arrive, because the route or the runtime stops. */
  public boolean isRetired() {
    Puller last = puller;
    return last == null || last.stopped();
  }

  /** Whether nothing is in flight and, after {@link #retire()}, nothing more arrives. */
  public boolean isIdle() {
    Puller last = puller;
    return (last == null || last.stopped()) && deliveries.size() == 0;
  }

  /** Returns the messages in flight to the bus at once, even though their exchanges still run. */
  public void returnAll() {
    deliveries.returnAll();
  }

  /** Messages returned to the bus since {@link #retire()}. */
  public long returned() {
    return state.returnedCount() - returnedBefore;
  }

  private void pull() {
    Optional<RouteVersion> version = RouteVersion.of(getRoute(), bus, durable.name());
    Runnable bound =
        () -> {
          endpoint.getComponent().bound();
          version.ifPresent(RouteVersion::compare);
        };
    puller = new Puller(bus, uplink, durable, state, window, deliveries, bound, this::take);
    String name = "pull " + durable.name();
    endpoint
        .getCamelContext()
        .getExecutorServiceManager()
        .newThread(name, Loops.loop(name, puller))
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
    arrived.add(delivery);
    arrived.handOver();
  }

  private void execute(Runnable task) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException e) {
      closed = true;
      task.run();
    }
  }

  private void route(Delivery delivery) {
    if (!delivery.start()) {
      return; // returned by a stop
    }
    if (closed || puller.stopping()) {
      deliveries.returned(delivery);
      return;
    }
    if (deliveries.skipped(delivery, durable)
        || deliveries.expired(delivery, endpoint.getMaxAge())
        || deliveries.postponed(delivery)) {
      return;
    }
    Exchange exchange = createExchange(false);
    try {
      delivery.copyTo(exchange, endpoint.getHeaderFilterStrategy());
      getAsyncProcessor().process(exchange, sync -> routed(delivery, exchange));
    } catch (RuntimeException | Error e) {
      exchange.setException(e);
      routed(delivery, exchange);
    }
  }

  private void routed(Delivery delivery, Exchange exchange) {
    Throwable failure = exchange.getException();
    releaseExchange(exchange, false);
    Loops.endIfOutOfMemory(failure);
    if (failure != null && puller.stopping()) {
      deliveries.returned(delivery);
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

  /** Messages in flight, for which a stop waits up to Camel's shutdown timeout. */
  @Override
  public int getPendingExchangesSize() {
    return deliveries == null ? 0 : deliveries.size(); // null if the route failed to start
  }

  @Override
  public void prepareShutdown(boolean suspendOnly, boolean forced) {
    // Nothing to prepare: doSuspend stops pulling, doStop returns what is left.
  }

  /** Undelivered messages in the stream, at most 5 s out of date; -1 while unknown. */
  public long backlog() {
    return state().backlog();
  }

  /** The backlog of the last ten minutes, one value per 5 s, oldest first; -1 while unknown. */
  public long[] backlogTrend() {
    return state().backlogTrend();
  }

  /** Messages delivered since the process started. */
  public long delivered() {
    return state().delivered();
  }

  /** Failures while the uplink was connected, since the process started. */
  public long refused() {
    return state().refused();
  }

  /** Messages moved to the stream DEAD since the process started. */
  public long dead() {
    return state().dead();
  }

  /** Messages redelivered to this process since it started. */
  public long redeliveries() {
    return state().redeliveries();
  }

  /** Messages that the stream dropped before they were delivered, since the process started. */
  public long drops() {
    return state().drops();
  }

  /** Messages skipped because of the route's maxAge, since the process started. */
  public long expired() {
    return state().expired();
  }

  /** Why it cannot take messages from the stream; empty if nothing is wrong. */
  public Optional<String> problem() {
    return Optional.ofNullable(state().problem());
  }

  /** When {@link #problem()} began; null if there has been none. */
  public Instant problemSince() {
    return state().problemSince();
  }

  DurableConsumer durable() {
    return durable;
  }

  /** The filters that its consumer has on the server; empty until it has been created. */
  List<String> filters() {
    return state().filters();
  }

  /** When the server created its consumer; empty while unknown. */
  Optional<ZonedDateTime> created() {
    return Optional.ofNullable(state().created());
  }

  public Optional<Uplink> uplink() {
    return Optional.ofNullable(uplink);
  }
}
