package routes.sandbox.fleet;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import routes.Certificates;
import routes.bundles.SignedBundle;

/**
 * Two versions of a bundle that forwards the temperature of a sensor, on an HTTPS server. Version 1
 * forwards what the sensor sends. Version 2 needs a number; its test passes on every device.
 */
final class PlantBundle implements AutoCloseable {
  private static final String ROUTE =
      """
      - route:
          id: plant
          description: Forwards the temperature of the sensor
          from:
            uri: nats
            parameters:
              topic: "plant.{{device.id}}"
              connection: "#nats"
            steps:
      %s        - setHeader:
                  name: Content-Type
                  expression: {constant: {expression: text/plain}}
              - to:
                  uri: nats
                  parameters:
                    topic: "telemetry.{{device.id}}.plant"
                    connection: "#nats"
                    jetstreamEnabled: true
      """;

  private static final String NUMBER =
      """
              - convertBodyTo:
                  type: java.lang.Double
              - convertBodyTo:
                  type: java.lang.String
      """;

  private static final String TEST =
      """
      cases:
        - name: forwards the temperature
          input:
            - subject: plant.edge-1
              body: "21.5"
          expect:
            nats:telemetry.edge-1.plant:
              - body: "21.5"
      """;

  private final Path ca;
  private final SignedBundle bundles;
  private final HttpsServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  /**
   * @param folder an existing folder for the archives
   */
  PlantBundle(Path folder, Certificates certificates) throws IOException {
    ca = certificates.write(certificates.ca().certificate());
    bundles = new SignedBundle(folder);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server = HttpsServer.create(address, 500);
    server.setHttpsConfigurator(
        new HttpsConfigurator(
            certificates.serverContext(certificates.server("localhost", Certificates.ec()))));
    server.createContext("/", this::serve);
    server.setExecutor(threads);
    server.start();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String version = exchange.getRequestURI().getPath().replaceAll("\\D", "");
      byte[] zip = Files.readAllBytes(bundles.zip(Integer.parseInt(version)));
      exchange.sendResponseHeaders(200, zip.length);
      exchange.getResponseBody().write(zip);
    }
  }

  /** The settings of a device that accepts the bundle. */
  Map<String, String> settings() {
    return Map.of("routes.trusted-key", bundles.trusted(), "routes.ca", ca.toString());
  }

  /** The desired property that offers version 1 or 2. */
  String offer(int version) throws IOException {
    return bundles.offer(
        version,
        "https://localhost:" + server.getAddress().getPort() + "/plant-" + version + ".zip",
        Map.of(
            "plant.camel.yaml",
            ROUTE.formatted(version == 1 ? "" : NUMBER),
            "plant.test.yaml",
            TEST));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
