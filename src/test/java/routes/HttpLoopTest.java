package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.log.Loops;
import routes.sandbox.Ports;

/** Liveness names the loop that failed, here one of the web server. */
class HttpLoopTest {
  private static final String ROUTE =
      """
      - route:
          id: tick
          from:
            uri: timer
            parameters:
              timerName: tick
              period: 60000
            steps:
              - log:
                  message: tick
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = Ports.free();
  private final Main main = EdgeRuntime.create();
  @TempDir Path folder;

  @BeforeEach
  void start() throws Exception {
    Files.writeString(folder.resolve("tick.camel.yaml"), ROUTE);
    main.addOverrideProperty("routes.directory", folder.toString());
    main.addOverrideProperty("routes.reload", "false");
    main.addOverrideProperty("data.directory", folder.toString());
    main.addOverrideProperty("nats.servers", "nats://127.0.0.1:1");
    main.addOverrideProperty("http.port", String.valueOf(port));
    main.start();
  }

  @AfterEach
  void stop() {
    main.stop();
    Loops.loop("http", () -> {}).run();
  }

  private HttpResponse<String> live() throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/live")).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void anErrorOnAnEventLoopMakesLivenessFail() throws Exception {
    assertThat(live().statusCode()).isEqualTo(200);
    main.getCamelContext()
        .getRegistry()
        .findSingleByType(VertxPlatformHttpRouter.class)
        .vertx()
        .runOnContext(
            nothing -> {
              throw new AssertionError("injected");
            });
    await().atMost(Duration.ofSeconds(60)).until(() -> live().statusCode() == 503);
    assertThat(live().body())
        .contains("http failed: java.lang.AssertionError: injected; restart the runtime");
  }
}
