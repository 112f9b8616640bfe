package routes.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Prints a line whenever a gateway has delivered more messages, according to the runtime. Used with
 * the user's own clouds, which cannot be watched directly.
 */
final class DeliveryLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpRequest request;
  private final Map<String, Long> before = new HashMap<>();

  /**
   * @param url the runtime's URL
   */
  DeliveryLines(String url) {
    this.request = HttpRequest.newBuilder(URI.create(url + "/api/gateways")).build();
  }

  /** Polls once per second until the runtime ends. */
  void printWhile(Process runtime) throws InterruptedException {
    while (!runtime.waitFor(1, TimeUnit.SECONDS)) {
      try {
        JSON.readTree(client.send(request, BodyHandlers.ofString()).body()).forEach(this::print);
      } catch (IOException e) {
        // the runtime is starting or about to end
      }
    }
  }

  private void print(JsonNode gateway) {
    String name = gateway.path("gateway").asText();
    long delivered = gateway.path("delivered").asLong();
    if (delivered > before.getOrDefault(name, 0L)) {
      System.out.printf(
          "%s  %s  delivered %d  backlog %d%n",
          SampleLines.now(), name, delivered, gateway.path("backlog").asLong());
      before.put(name, delivered);
    }
  }
}
