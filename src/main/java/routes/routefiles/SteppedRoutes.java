package routes.routefiles;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.engine.BaseExecutorServiceManager;
import org.apache.camel.model.AggregateDefinition;
import org.apache.camel.model.DelayDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ThrottleDefinition;
import org.apache.camel.processor.aggregate.AggregateProcessor;
import org.apache.camel.spi.ThreadPoolFactory;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.util.concurrent.SynchronousExecutorService;

/** Makes the steps of routes follow a stepped clock, on one thread. */
final class SteppedRoutes implements ThreadPoolFactory {
  private static final long PATIENCE_MILLIS = 10_000;
  private static final long SHUTDOWN_MILLIS = 1;

  private final DefaultCamelContext context;
  private final SteppedClock clock;
  private final SteppedScheduler scheduler;
  private final ThreadPoolFactory threads;
  private OpenGroups groups;

  SteppedRoutes(DefaultCamelContext context, SteppedClock clock) {
    this.context = context;
    this.clock = clock;
    this.scheduler = new SteppedScheduler(clock);
    this.threads = executors().getThreadPoolFactory();
    executors().setThreadPoolFactory(this);
  }

  private BaseExecutorServiceManager executors() {
    return (BaseExecutorServiceManager) context.getExecutorServiceManager();
  }

  SteppedClock clock() {
    return clock;
  }

  /** Changes steps that would wait for the system's clock. */
  void adapt(RouteDefinition route) {
    steps(route, DelayDefinition.class).forEach(delay -> delay.setAsyncDelayed("true"));
    steps(route, ThrottleDefinition.class).forEach(throttle -> throttle.setTimePeriodMillis("1"));
    for (AggregateDefinition aggregate : steps(route, AggregateDefinition.class)) {
      if (aggregate.getCompletionTimeout() != null
          || aggregate.getCompletionTimeoutExpression() != null) {
        // a scheduler that never runs; OpenGroups completes the groups
        aggregate.timeoutCheckerExecutorService(new SteppedScheduler(clock));
      }
    }
  }

  private static <T> Collection<T> steps(RouteDefinition route, Class<T> type) {
    return ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), type);
  }

  /** Watches the groups of a started route. */
  void watch(RouteDefinition route) {
    List<AggregateProcessor> steps = new ArrayList<>();
    for (AggregateDefinition aggregate : steps(route, AggregateDefinition.class)) {
      steps.add(context.getProcessor(aggregate.getId(), AggregateProcessor.class));
    }
    groups = new OpenGroups(context, scheduler, steps);
  }

  void update() {
    groups.update();
  }

  void advance(Duration time) {
    scheduler.advance(time, groups::update);
  }

  /**
   * Waits for a message, unless it waits for the clock.
   *
   * @throws TimeoutException if its processing takes too long
   */
  void waitFor(RouteFeed feed) throws TimeoutException, InterruptedException {
    if (!scheduler.isWaiting() && !feed.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
      throw new TimeoutException("a message has not been processed within 10 s");
    }
  }

  /** Stops the context without waiting for messages that a delay still holds. */
  void stop() {
    executors().setThreadPoolFactory(threads); // the shutdown's timeout needs a thread
    context.getShutdownStrategy().setTimeUnit(TimeUnit.MILLISECONDS);
    context.getShutdownStrategy().setTimeout(SHUTDOWN_MILLIS);
    context.getShutdownStrategy().setLogInflightExchangesOnTimeout(false);
    context.stop();
  }

  @Override
  public ExecutorService newCachedThreadPool(ThreadFactory threads) {
    return new SynchronousExecutorService();
  }

  @Override
  public ExecutorService newThreadPool(ThreadPoolProfile profile, ThreadFactory threads) {
    return new SynchronousExecutorService();
  }

  @Override
  public ScheduledExecutorService newScheduledThreadPool(
      ThreadPoolProfile profile, ThreadFactory threads) {
    return scheduler;
  }
}
