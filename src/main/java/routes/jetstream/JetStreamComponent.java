package routes.jetstream;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.concurrent.ThreadPoolRejectedPolicy;
import routes.bus.Bus;
import routes.bus.BusMeters;

/** The component {@code jetstream:}. It needs no generated code. */
public final class JetStreamComponent extends DefaultComponent {
  private final Bus bus;
  private final int deadAfter;
  private final Map<String, Gateway> gateways = new ConcurrentHashMap<>();
  private Duration watchPeriod = Duration.ofSeconds(5);
  private ScheduledExecutorService timer;

  /**
   * @param deadAfter how many failures that count make a message a dead letter
   */
  public JetStreamComponent(Bus bus, int deadAfter) {
    this.bus = bus;
    this.deadAfter = deadAfter;
  }

  int deadAfter() {
    return deadAfter;
  }

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
    return new JetStreamEndpoint(uri, this, remaining);
  }

  /** What is missing stops the start here; a route that fails later is retried for ever. */
  @Override
  protected void afterConfiguration(
      String uri, String remaining, Endpoint endpoint, Map<String, Object> parameters) {
    ((JetStreamEndpoint) endpoint).durable();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    timer =
        getCamelContext()
            .getExecutorServiceManager()
            .newScheduledThreadPool(this, "jetstream timer", 1);
  }

  @Override
  protected void doStop() throws Exception {
    getCamelContext().getExecutorServiceManager().shutdownNow(timer);
    super.doStop();
  }

  /** How often the server is asked how far a gateway is; so old may a backlog be. */
  JetStreamComponent watchEach(Duration period) {
    watchPeriod = period;
    return this;
  }

  Duration watchPeriod() {
    return watchPeriod;
  }

  Bus bus() {
    return bus;
  }

  /** The same one for each consumer of a route, so that its counters go on after a restart. */
  Gateway gateway(String id) {
    Gateway gateway = gateways.computeIfAbsent(id, Gateway::new);
    BusMeters.registry(getCamelContext()).ifPresent(gateway::bindTo);
    return gateway;
  }

  ScheduledFuture<?> every(Duration period, Runnable task) {
    return timer.scheduleAtFixedRate(task, 0, period.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** As many threads as messages in flight at most; idle ones end. */
  ExecutorService workers(JetStreamConsumer consumer, int inFlight) {
    ThreadPoolProfile profile = new ThreadPoolProfile("jetstream");
    profile.setPoolSize(inFlight);
    profile.setMaxPoolSize(inFlight);
    // By default Camel takes no queue, and has the caller run what no thread is free for: the
    // puller would then be busy with an exchange. A thread is free a moment after its slot.
    profile.setMaxQueueSize(inFlight);
    profile.setRejectedPolicy(ThreadPoolRejectedPolicy.Abort);
    profile.setAllowCoreThreadTimeOut(true);
    profile.setKeepAliveTime(10L);
    profile.setTimeUnit(TimeUnit.SECONDS);
    return getCamelContext()
        .getExecutorServiceManager()
        .newThreadPool(consumer, "jetstream " + consumer.getRouteId(), profile);
  }
}
