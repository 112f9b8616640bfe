package routes.steps;

import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import routes.log.Loops;
import routes.uplink.ElasticPool;

/** The component of one kind of step, such as {@code batch:}. It needs no generated code. */
public final class StepComponent extends DefaultComponent {
  private static final int MOST_THREADS = 64;

  /** An option whose value has a plus sign and does not use Camel's own RAW(). */
  private static final Pattern PLUS = Pattern.compile("([?&]\\w+=)(?!RAW[({])([^&]*\\+[^&]*)");

  private final String name;
  private final BiFunction<String, StepComponent, StepEndpoint> endpoints;
  private Clock clock;
  private ScheduledExecutorService timer;
  private ElasticPool pool;

  StepComponent(String name, BiFunction<String, StepComponent, StepEndpoint> endpoints) {
    this.name = name;
    this.endpoints = endpoints;
  }

  /** Camel would read a plus sign in an option as a blank, which changes a jq expression. */
  @Override
  public Endpoint createEndpoint(String uri, Map<String, Object> parameters) throws Exception {
    return super.createEndpoint(PLUS.matcher(uri).replaceAll("$1RAW($2)"), parameters);
  }

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
    return endpoints.apply(uri, this);
  }

  /** Reports a missing option when the route is created, and therefore in check. */
  @Override
  protected void afterConfiguration(
      String uri, String remaining, Endpoint endpoint, Map<String, Object> parameters) {
    ((StepEndpoint) endpoint).check();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    clock = Clock.of(getCamelContext());
  }

  Clock clock() {
    return clock;
  }

  /** Runs a task on the pool after a delay. */
  synchronized void later(long nanos, Runnable task) {
    if (timer == null) {
      timer =
          getCamelContext()
              .getExecutorServiceManager()
              .newSingleThreadScheduledExecutor(this, name + " timer");
    }
    // A test that moves the clock also waits for the task.
    timer.schedule(
        Loops.step(name + " timer", clock.controlled() ? task : () -> pool().execute(task)),
        nanos,
        TimeUnit.NANOSECONDS);
  }

  private synchronized Executor pool() {
    if (pool == null) {
      pool = new ElasticPool(name, MOST_THREADS);
    }
    return pool;
  }

  @Override
  protected synchronized void doStop() throws Exception {
    if (timer != null) {
      getCamelContext().getExecutorServiceManager().shutdownNow(timer);
      timer = null;
    }
    if (pool != null) {
      pool.close();
      pool = null;
    }
    super.doStop();
  }
}
