package routes.jetstream;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Endpoint;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.DefaultComponent;
import routes.bus.Bus;
import routes.bus.BusMeters;
import routes.log.Loops;

/** The component {@code jetstream:}. It needs no generated code. */
public final class JetStreamComponent extends DefaultComponent {
  private final int deadAfter;
  private final Map<String, ConsumerState> states = new ConcurrentHashMap<>();
  private Duration pollPeriod = Duration.ofSeconds(5);
  private ScheduledExecutorService timer;
  private volatile Runnable bound = () -> {};

  /**
   * @param deadAfter how many counted failures make a message a dead letter
   */
  public JetStreamComponent(int deadAfter) {
    this.deadAfter = deadAfter;
  }

  int deadAfter() {
    return deadAfter;
  }

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
    return new JetStreamEndpoint(uri, this, remaining);
  }

  /** A missing option fails the startup here; a route that fails later is retried forever. */
  @Override
  protected void afterConfiguration(
      String uri, String remaining, Endpoint endpoint, Map<String, Object> parameters) {
    ((JetStreamEndpoint) endpoint).durable("route");
    ((JetStreamEndpoint) endpoint).checkDevices();
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

  /** How often the server is polled for the progress of a consumer. */
  JetStreamComponent pollEvery(Duration period) {
    pollPeriod = period;
    return this;
  }

  Duration pollPeriod() {
    return pollPeriod;
  }

  /** Calls back after each consumer was found or created on the server. */
  void onBound(Runnable listener) {
    bound = listener;
  }

  void bound() {
    bound.run();
  }

  Bus bus() {
    return CamelContextHelper.mandatoryLookup(getCamelContext(), "bus", Bus.class);
  }

  /** The state of a route's consumer, which outlives the consumer. */
  ConsumerState state(String id) {
    ConsumerState state = states.computeIfAbsent(id, ConsumerState::new);
    BusMeters.registry(getCamelContext()).ifPresent(state::bindTo);
    return state;
  }

  /** Repeats a task even after a failure; the executor alone would drop it. */
  ScheduledFuture<?> every(Duration period, Runnable task) {
    return timer.scheduleAtFixedRate(
        Loops.step("jetstream timer", task), 0, period.toNanos(), TimeUnit.NANOSECONDS);
  }
}
