package routes.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

class RoutesHealthCheckTest {
  @Test
  void namesARouteThatNeverStarted(@TempDir Path directory) throws Exception {
    Files.writeString(
        directory.resolve("late.camel.yaml"),
        """
        - route:
            id: late
            from:
              uri: nats
              parameters:
                topic: orders
                servers: 127.0.0.1:2
              steps:
                - log:
                    message: never
        """);
    try (RuntimeProcess runtime =
        RuntimeProcess.start(
            Map.of(
                "ROUTES_DIRECTORY", directory.toString(), "NATS_SERVERS", "nats://127.0.0.1:1"))) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.get("/health/ready").body().contains("late is "));
      assertThat(runtime.get("/health/ready").status()).isEqualTo(503);
      assertThat(runtime.get("/health/live").status()).isEqualTo(200);
    }
  }

  @Test
  void isDownWhileRoutesStart() throws Exception {
    List<HealthCheck.Result> afterEachRoute = new CopyOnWriteArrayList<>();
    RoutesHealthCheck check = new RoutesHealthCheck();
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      check.setCamelContext(context);
      context.getRouteController().supervising();
      context
          .getManagementStrategy()
          .addEventNotifier(
              new SimpleEventNotifierSupport() {
                @Override
                public void notify(CamelEvent event) {
                  if (event instanceof CamelEvent.RouteStartedEvent) {
                    afterEachRoute.add(check.call());
                  }
                }
              });
      RouteBuilder.addRoutes(
          context,
          routes -> {
            for (String id : new String[] {"one", "two", "three"}) {
              routes.from("direct:" + id).routeId(id).to("log:" + id);
            }
          });
      context.start();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> check.call().getState() == HealthCheck.State.UP);
      assertThat(afterEachRoute)
          .hasSize(3)
          .allMatch(result -> result.getState() == HealthCheck.State.DOWN)
          .allMatch(result -> result.getMessage().orElse("").contains("routes are starting"));
    }
  }
}
