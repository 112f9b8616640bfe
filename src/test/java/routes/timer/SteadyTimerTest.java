package routes.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.timer.TimerConsumer;
import org.apache.camel.component.timer.TimerEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.AsyncProcessorSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.log.Loops;

/** {@code timer:} with the options that Camel documents. */
class SteadyTimerTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final DefaultCamelContext context = new DefaultCamelContext();
  private final List<Exchange> ticks = new CopyOnWriteArrayList<>();
  private final List<Long> times = new CopyOnWriteArrayList<>();

  @BeforeEach
  void bind() {
    context.getRegistry().bind("timer-component", new SteadyTimerComponent());
  }

  @AfterEach
  void stop() {
    context.stop();
    Loops.loop("timer broken", () -> {}).run();
  }

  private void start(String uri) throws Exception {
    RouteBuilder.addRoutes(
        context,
        routes ->
            routes
                .from(uri)
                .routeId("tick")
                .process(
                    exchange -> {
                      times.add(System.nanoTime());
                      ticks.add(exchange.copy());
                    }));
    context.start();
  }

  private long gap(int index) {
    return TimeUnit.NANOSECONDS.toMillis(times.get(index + 1) - times.get(index));
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void firesEachPeriod(boolean fixedRate) throws Exception {
    start("timer:a?delay=0&period=100&fixedRate=" + fixedRate);
    await().atMost(SOON).until(() -> times.size() >= 6);
    assertThat(TimeUnit.NANOSECONDS.toMillis(times.get(5) - times.get(0))).isBetween(400L, 2_000L);
  }

  @Test
  void respectsTheRepeatCountAndFiresOnceWithoutAPeriod() throws Exception {
    start("timer:b?delay=1&period=10&repeatCount=3");
    await().during(Duration.ofMillis(200)).atMost(SOON).until(() -> ticks.size() == 3);
    RouteBuilder.addRoutes(
        context, routes -> routes.from("timer:c?delay=1&period=0").process(ticks::add));
    await().during(Duration.ofMillis(100)).atMost(SOON).until(() -> ticks.size() == 4);
  }

  @Test
  void skipsTicksMissedDuringALongOne() throws Exception {
    RouteBuilder.addRoutes(
        context,
        routes ->
            routes
                .from("timer:d?delay=0&period=100")
                .process(
                    exchange -> {
                      times.add(System.nanoTime());
                      if (times.size() == 1) {
                        TimeUnit.MILLISECONDS.sleep(550);
                      }
                    }));
    context.start();
    await().atMost(SOON).until(() -> times.size() >= 5);
    assertThat(gap(1) + gap(2) + gap(3)).isGreaterThan(150);
  }

  @Test
  void includesMetadataOnDemand() throws Exception {
    start("timer:e?delay=1&period=10&includeMetadata=true");
    await().atMost(SOON).until(() -> ticks.size() >= 2);
    assertThat(ticks.get(1).getProperty(Exchange.TIMER_COUNTER, Long.class)).isEqualTo(2);
    assertThat(ticks.get(1).getProperty(Exchange.TIMER_NAME)).isEqualTo("e");
  }

  @Test
  void stopsAndResumesWithTheRoute() throws Exception {
    start("timer:f?delay=1&period=10");
    await().atMost(SOON).until(() -> ticks.size() >= 2);
    context.getRouteController().stopRoute("tick");
    int stopped = ticks.size();
    await().during(Duration.ofMillis(100)).atMost(SOON).until(() -> ticks.size() == stopped);
    context.getRouteController().startRoute("tick");
    await().atMost(SOON).until(() -> ticks.size() > stopped + 2);
  }

  @Test
  void aTimeOfDayUsesTheTimerOfCamel() throws Exception {
    Endpoint endpoint = context.getEndpoint("timer:g?time=2036-01-01 00:00:00&period=10");
    assertThat(endpoint).isExactlyInstanceOf(TimerEndpoint.class);
    Consumer consumer = endpoint.createConsumer(exchange -> {});
    assertThat(consumer).isExactlyInstanceOf(TimerConsumer.class);
  }

  @Test
  void anErrorIsReportedAndTheTimerContinues() throws Exception {
    context.start();
    Consumer consumer =
        context
            .getEndpoint("timer:broken?delay=1&period=10")
            .createConsumer(
                new AsyncProcessorSupport() {
                  @Override
                  public boolean process(Exchange exchange, AsyncCallback callback) {
                    times.add(System.nanoTime());
                    throw new AssertionError("injected");
                  }
                });
    consumer.init();
    consumer.start();
    await().atMost(SOON).until(() -> times.size() >= 3);
    consumer.stop();
    assertThat(Loops.failed()).containsEntry("timer broken", "java.lang.AssertionError: injected");
  }
}
