package routes.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import routes.timer.SteadyTimerComponent;

class CollectorsHealthCheckTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final DefaultCamelContext context = new DefaultCamelContext();
  private final CollectorsHealthCheck check = new CollectorsHealthCheck();
  private final AtomicBoolean broken = new AtomicBoolean();

  @AfterEach
  void stop() {
    context.stop();
  }

  private void start(String group, int period, boolean handled) throws Exception {
    check.setCamelContext(context);
    context.getRegistry().bind("timer-component", new SteadyTimerComponent());
    RouteBuilder.addRoutes(
        context,
        routes ->
            routes
                .from("timer:collect-test?delay=1&period=" + period)
                .routeId("collect-test")
                .routeGroup(group)
                .onException(Exception.class)
                .handled(handled)
                .end()
                .process(
                    exchange -> {
                      if (broken.get()) {
                        throw new IllegalStateException("injected");
                      }
                    }));
    context.start();
  }

  private void is(HealthCheck.State state) {
    await().atMost(SOON).until(() -> check.call().getState() == state);
  }

  @Test
  void isDownAfterThreePeriodsAndUpAfterASample() throws Exception {
    start("collectors", 100, false);
    is(HealthCheck.State.UP);
    broken.set(true);
    is(HealthCheck.State.DOWN);
    assertThat(check.call().getMessage().orElse(""))
        .matches("collect-test: no sample for \\d+ s: injected");
    broken.set(false);
    is(HealthCheck.State.UP);
  }

  @Test
  void aHandledFailureIsNotASample() throws Exception {
    broken.set(true);
    start("collectors", 50, true);
    is(HealthCheck.State.DOWN);
    assertThat(check.call().getMessage().orElse("")).endsWith("s: injected");
  }

  @Test
  void allowsThreePeriods() throws Exception {
    broken.set(true);
    start("collectors", 60_000, false);
    await()
        .during(Duration.ofMillis(300))
        .atMost(SOON)
        .until(() -> check.call().getState() == HealthCheck.State.UP);
  }

  @Test
  void otherTimersAreNotCollectors() throws Exception {
    broken.set(true);
    start("servers", 20, false);
    await()
        .during(Duration.ofMillis(300))
        .atMost(SOON)
        .until(() -> check.call().getState() == HealthCheck.State.UP);
  }
}
