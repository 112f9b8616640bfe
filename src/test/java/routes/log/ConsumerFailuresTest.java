package routes.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsumerFailuresTest {
  /** With the error handling of on-error.camel.yaml, and with none. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTimerThatKeepsFailingIsLoggedOnce(boolean handler) throws Exception {
    AtomicInteger ticks = new AtomicInteger();
    try (DefaultCamelContext context = new DefaultCamelContext();
        CapturedLog log = new CapturedLog()) {
      context.addLifecycleStrategy(new ConsumerFailures());
      RouteBuilder.addRoutes( // a class would be found by other tests, which scan this package
          context,
          routes -> {
            if (handler) {
              routes
                  .onException(Exception.class)
                  .logExhausted(false)
                  .bean(new FailureLog(), "warn");
            } else {
              routes.errorHandler(routes.noErrorHandler());
            }
            routes
                .from("timer:plant-timer?delay=1&period=5")
                .routeId("plant")
                .process(
                    exchange -> {
                      ticks.incrementAndGet();
                      throw new IllegalStateException("broken on purpose");
                    });
          });
      context.start();
      await().atMost(Duration.ofSeconds(60)).until(() -> ticks.get() >= 5);
      context.stop();
      assertThat(log.events().stream().filter(CapturedLog.Event::isProblem))
          .singleElement()
          .satisfies(
              event -> {
                assertThat(event.logger()).isEqualTo("plant");
                assertThat(event.message()).contains("broken on purpose");
              });
    }
  }
}
