package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;
import routes.sandbox.MeanBroker;

/** TLS and WebSocket, with the sandbox broker. */
@Timeout(120)
class TransportTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;
  private Path ca;
  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
    clients.close();
    broker.close();
  }

  private String url(String scheme) {
    return scheme + "://localhost:" + broker.port();
  }

  /** TLS according to the scheme, for a host, with a device certificate. */
  private void start(String scheme, String host) {
    Certificates make = new Certificates(folder);
    if (scheme.equals("ssl") || scheme.equals("wss")) {
      broker.withTls(make.serverContext(make.server(host, Certificates.rsa())), true);
    }
    if (scheme.startsWith("ws")) {
      broker.withWebSocket("/mqtt").withDifficultWebSocket();
    }
    broker.start(0);
    ca = make.write(make.ca().certificate());
    Certificates.Identity device = make.client("device-1", Certificates.ec());
    clients.tls =
        TestClients.tls(
            ca.toString(),
            make.write(device.certificate()).toString(),
            make.writeTraditional(device.keys().getPrivate()).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ssl | tcp | is a TLS port, use ssl:// in mqtt.url
          wss | ws  | is a TLS port, use wss:// in mqtt.url
          tcp | ssl | may not be a TLS port; for a plain-text port use tcp:// in mqtt.url
          """)
  void namesASchemeThatDoesNotMatchThePort(String port, String scheme, String says) {
    start(port, "localhost");
    TestClient client = clients.start(url(scheme), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError().orElseThrow())
        .contains("localhost:" + broker.port() + " " + says);
  }

  @Test
  void namesAPortWithoutTls() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      threads.submit(
          () -> {
            while (true) {
              server.accept().getOutputStream().write("INFO {}\r\n".getBytes());
            }
          });
      clients.tls = TestClients.tls("", "", "");
      TestClient client = clients.start("ssl://localhost:" + server.getLocalPort(), "a");
      await().atMost(SOON).until(() -> client.lastError().isPresent());
      assertThat(client.lastError())
          .contains(
              "TLS: localhost:"
                  + server.getLocalPort()
                  + " does not speak TLS; for a plain-text port use tcp:// in mqtt.url");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "ssl", "ws", "wss"})
  void exchangesMessagesOfEverySize(String scheme) throws Exception {
    clients.largestPacket = 1 << 20;
    start(scheme, "localhost");
    TestClient client = clients.connected(url(scheme), "a");
    List<Integer> received = new CopyOnWriteArrayList<>();
    client.setCallback(((topic, message) -> received.add(message.payload().length)));
    client.subscribe("t", 1);
    for (int size : new int[] {1, 100, 125, 126, 60_000, 70_000, 500_000}) {
      client.publish("t", TestClients.message("x".repeat(size), 1));
    }
    await().atMost(SOON).until(() -> received.size() == 7);
    assertThat(received).containsExactly(1, 100, 125, 126, 60_000, 70_000, 500_000);
    assertThat(broker.connects.get(0).certificate().isPresent())
        .isEqualTo(scheme.equals("ssl") || scheme.equals("wss"));
    assertThat(PublishTest.publishFromManyThreads(client, 2_000, 1)).isEmpty();
    assertThat(client.reconnects()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"5, ssl,", "5, wss,", "3, ssl,", "3, wss,", "5, ssl, x-amzn-mqtt-ca"})
  void rejectsACertificateOfAnotherHost(int version, String scheme, String alpn) throws Exception {
    if (alpn != null) {
      broker.withProtocols(alpn);
      clients.alpn = List.of(alpn);
    }
    start(scheme, "somewhere.else");
    TestClient client = clients.start(version, url(scheme), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError().orElseThrow())
        .startsWith("TLS: the broker's certificate is not valid for localhost: ");
    assertThat(broker.connects).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "ssl", "ws", "wss"})
  void leavesAHangingBrokerAndReconnects(String scheme) throws Exception {
    clients.publishTimeout = Duration.ofSeconds(1);
    List<String> paho = new CopyOnWriteArrayList<>();
    Handler handler = collecting(paho);
    Logger.getLogger("").addHandler(handler);
    start(scheme, "localhost");
    TestClient client = clients.connected(url(scheme), "a");
    broker.pause();
    // More than TCP buffers, so Paho's sender blocks.
    List<CompletableFuture<String>> failures = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      failures.add(CompletableFuture.supplyAsync(() -> failure(client), threads));
    }
    List<String> reasons = new ArrayList<>();
    for (CompletableFuture<String> failure : failures) {
      reasons.add(failure.get(60, TimeUnit.SECONDS));
    }
    // Those that a busy machine sends late share the end of the connection.
    assertThat(reasons)
        .contains("no PUBACK within 1 s")
        .isSubsetOf("no PUBACK within 1 s", "the broker closed the connection");
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    client.publish("t", TestClients.message("m", 1));
    Logger.getLogger("").removeHandler(handler);
    assertThat(paho).as("Paho's lines on standard error").isEmpty();
  }

  private static Handler collecting(List<String> lines) {
    return new Handler() {
      @Override
      public void publish(LogRecord line) {
        if (String.valueOf(line.getLoggerName()).contains("paho")) {
          lines.add(line.getMessage());
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  private static String failure(TestClient client) {
    try {
      client.publish("t", TestClients.message("x".repeat(900_000), 1));
      return "none";
    } catch (Exception e) {
      return e.getMessage();
    }
  }

  @ParameterizedTest
  @CsvSource({"3, none", "3, stranger", "5, none", "5, stranger"})
  void aRejectedClientCertificateIsARefusal(int version, String name, @TempDir Path elsewhere)
      throws Exception {
    start("ssl", "localhost");
    Certificates others = new Certificates(elsewhere);
    Certificates.Identity device = others.client(name, Certificates.ec());
    boolean none = name.equals("none");
    clients.tls =
        TestClients.tls(
            ca.toString(),
            none ? "" : others.write(device.certificate()).toString(),
            none ? "" : others.writePkcs8(device.keys().getPrivate()).toString());
    TestClient client = clients.start(version, url("ssl"), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    // TLS reports it in several ways, depending on thread timing.
    for (int i = 0; i < 6; i++) {
      int tries = i;
      await().atMost(SOON).until(() -> connects("refused") + connects("unreachable") > tries);
      assertThat(client.lastError().orElseThrow())
          .startsWith("refused: ")
          .contains("this device's certificate")
          .contains("mqtt.certificate");
      assertThat(client.refused()).isTrue();
    }
    assertThat(connects("unreachable")).isZero();
  }

  private double connects(String result) {
    return clients.meters.get("mqtt.connects").tag("result", result).counter().count();
  }

  @Test
  void negotiatesTheRequestedProtocol() throws Exception {
    broker.withProtocols("x-amzn-mqtt-ca");
    clients.alpn = List.of("x-amzn-mqtt-ca");
    start("ssl", "localhost");
    clients.connected(url("ssl"), "a").publish("t", TestClients.message("x", 1));
  }

  @Test
  void theServerEndsAConnectionWithoutTheProtocol() throws Exception {
    broker.withProtocols("x-amzn-mqtt-ca");
    start("ssl", "localhost");
    TestClient client = clients.start(url("ssl"), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.refused()).as("%s", client.lastError()).isTrue();
    assertThat(client.connected()).isFalse();
  }

  @Test
  void namesAServerWithoutWebSocket() throws Exception {
    broker.start(0);
    TestClient client = clients.start(url("ws"), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError().orElseThrow()).isNotBlank().doesNotContain("\n");
  }
}
