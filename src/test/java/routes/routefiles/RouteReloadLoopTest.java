package routes.routefiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.Endpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultComponent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.log.Loops;
import routes.settings.Settings;

/** An Error while a route file is loaded is reported, and the next edit takes effect. */
class RouteReloadLoopTest {
  private static final String ROUTE =
      """
      - route:
          id: %s
          from:
            uri: "%s"
            steps:
              - log: {message: tick}
      """;

  @TempDir Path folder;
  private final DefaultCamelContext context = new DefaultCamelContext();

  @AfterEach
  void stop() {
    context.stop();
    Loops.loop("route reload", () -> {}).run();
  }

  private void write(String id, String from) throws Exception {
    Path file = Files.writeString(folder.resolve(id + ".new"), ROUTE.formatted(id, from));
    Files.move(file, folder.resolve(id + ".camel.yaml"));
  }

  @Test
  void anErrorIsReportedAndTheWatchContinues() throws Exception {
    context
        .getRegistry()
        .bind(
            "broken-component",
            new DefaultComponent() {
              @Override
              protected Endpoint createEndpoint(
                  String uri, String remaining, Map<String, Object> parameters) {
                throw new AssertionError("injected");
              }
            });
    Properties settings = new Properties();
    settings.setProperty("routes.directory", folder.toString());
    settings.setProperty("routes.include", "*");
    context.getPropertiesComponent().setInitialProperties(settings);
    context.addService(new RouteReload(new RouteNames(new Settings(context))));
    context.start();
    write("bad", "broken:x");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(Loops.failed())
                    .containsEntry("route reload", "java.lang.AssertionError: injected"));
    write("good", "timer:good");
    await().atMost(Duration.ofSeconds(60)).until(() -> context.getRoute("good") != null);
  }
}
