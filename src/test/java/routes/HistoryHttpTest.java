package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;

/** History over HTTP: many requests, clients that never read, and no NATS. */
@Tag("slow")
@Timeout(180)
class HistoryHttpTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String CPU = "/api/history?metric=system.cpu.load_average&from=-5m&step=1s";
  private static final ObjectMapper JSON = new ObjectMapper();

  @RegisterExtension final NatsServer nats = new NatsServer();
  private final SandboxBroker broker = new SandboxBroker();
  private final List<Socket> sockets = new ArrayList<>();
  private RuntimeProcess runtime;

  @BeforeEach
  void start() throws Exception {
    broker.start(0);
    runtime =
        RuntimeProcess.start(
            Map.of(
                "DEVICE_ID", "edge-1",
                "NATS_SERVERS", nats.url(),
                "GATEWAYS", "mqtt",
                "MQTT_URL", "tcp://127.0.0.1:" + broker.port(),
                "COLLECT_PERIOD", "200ms"));
    await().atMost(SOON).until(() -> runtime.get("/health/ready").status() == 200);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    runtime.close();
    broker.close();
    assertThat(runtime.output())
        .noneMatch(line -> line.contains("OutOfMemory") || line.contains("WARN  http"));
  }

  @Test
  void answersJsonAndCsv() throws Exception {
    await().atMost(SOON).until(() -> JSON.readTree(get(CPU).body()).path("series").size() == 3);
    JsonNode series = JSON.readTree(get(CPU).body()).path("series").get(1);
    assertThat(series.path("name").asText()).isEqualTo("system.cpu.load_average.1m");
    assertThat(series.path("rate").asBoolean(true)).isFalse();
    RuntimeProcess.Answer csv = get(CPU + "&format=csv");
    assertThat(csv.type()).isEqualTo("text/csv; charset=utf-8");
    assertThat(csv.body())
        .startsWith("time,series,mean,min,max\r\n")
        .containsPattern("Z,system.cpu.load_average.5m,[0-9.]+,[0-9.]+,[0-9.]+\r\n");
    assertThat(get("/api/history?metric=system.cpu.load_average&step=0").status()).isEqualTo(400);
    assertThat(get("/api/history?metric=nothing").status()).isEqualTo(404);
  }

  @Test
  void manyRequestsAreRefusedAndTheGatewayDelivers() throws Exception {
    long before = delivered();
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest request = HttpRequest.newBuilder(URI.create(runtime.url(CPU))).build();
    List<CompletableFuture<HttpResponse<Void>>> atOnce =
        IntStream.range(0, 200)
            .mapToObj(i -> client.sendAsync(request, HttpResponse.BodyHandlers.discarding()))
            .toList();
    assertThat(atOnce.stream().map(CompletableFuture::join).map(HttpResponse::statusCode))
        .isSubsetOf(200, 503)
        .contains(200, 503);
    await().atMost(SOON).until(() -> delivered() > before);
    assertThat(get(CPU).status()).isEqualTo(200);
  }

  /** The kernel takes some of their answers; the rest must not stay in the heap. */
  @Test
  void clientsThatNeverReadStopNobody() throws Exception {
    String large =
        "/api/history?metric=system.cpu,system.memory,system.network&from=-2000s&step=3s";
    await().atMost(SOON).until(() -> get(large).body().length() > 200_000);
    for (int i = 0; i < 100; i++) {
      Socket socket = new Socket();
      socket.setReceiveBufferSize(2048);
      URI url = URI.create(runtime.url("/"));
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()));
      sockets.add(socket);
      String request = "GET " + large + " HTTP/1.1\r\nHost: x\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }
    assertThat(runtime.get("/health/ready").status()).isEqualTo(200);
    // A place that such a client takes is free again after 30 s.
    await().atMost(Duration.ofSeconds(120)).until(() -> get(large).status() == 200);
  }

  @Test
  void reportsThatNatsIsUnavailable() throws Exception {
    nats.kill();
    await().atMost(SOON).until(() -> get(CPU).status() == 503);
    assertThat(get(CPU).body()).contains("NATS at 127.0.0.1:").contains("is unavailable");
  }

  private RuntimeProcess.Answer get(String path) throws InterruptedException {
    return runtime.get(path);
  }

  private long delivered() throws Exception {
    return JSON.readTree(get("/api/gateways").body()).get(0).path("delivered").asLong();
  }
}
