package routes.commands;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.Certificates;
import routes.sandbox.Ports;
import routes.settings.Settings;
import routes.tls.TlsFiles;
import routes.uplink.Reply;

/** Commands over HTTP, with a real server. */
@Timeout(120)
class HttpTargetTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private HttpTarget given(HttpHandler handler) {
    server.createContext("/", handler);
    return target(server.getAddress().getPort());
  }

  private static HttpTarget target(int port) {
    return new HttpTarget(
        URI.create("http://127.0.0.1:" + port + "/commands"),
        HttpTargetTest::tls,
        Duration.ofSeconds(1));
  }

  private static SSLContext tls() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpHandler answer(int status, byte[] body) {
    return exchange -> {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    };
  }

  private static String text(Reply reply) {
    return new String(reply.body(), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void postsPayloadToTheNameOfTheCommand() throws Exception {
    HttpTarget target =
        given(
            exchange -> {
              requests.add(
                  "%s %s %s %s"
                      .formatted(
                          exchange.getRequestMethod(),
                          exchange.getRequestURI(),
                          exchange.getRequestHeaders().getFirst("Content-Type"),
                          new String(
                              exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
              answer(200, bytes("{\"ok\":true}")).handle(exchange);
            });
    Reply reply = target.send("ping", bytes("{\"a\":1}"), false, () -> {}).get();
    assertThat(reply.status()).isEqualTo(200);
    assertThat(text(reply)).isEqualTo("{\"ok\":true}");
    target.send("ping", new byte[0], false, () -> {}).get();
    assertThat(requests)
        .containsExactly(
            "POST /commands/ping application/json {\"a\":1}",
            "POST /commands/ping application/json ");
  }

  @Test
  void returnsStatusAndBody() throws Exception {
    for (int status : new int[] {201, 302, 404, 418, 500}) {
      HttpTarget target = given(answer(status, bytes("because " + status)));
      Reply reply = target.send("ping", new byte[0], false, () -> {}).get();
      assertThat(reply.status()).isEqualTo(status);
      assertThat(text(reply)).isEqualTo("because " + status);
      server.removeContext("/");
    }
    assertThat(
            given(answer(204, new byte[0])).send("ping", new byte[0], false, () -> {}).get().body())
        .isEmpty();
  }

  @Test
  void returns504ForASlowServer() throws Exception {
    Reply reply = given(this::hang).send("ping", new byte[0], false, () -> {}).get();
    assertThat(reply.status()).isEqualTo(504);
    assertThat(text(reply)).contains("no reply within 1s");
  }

  private void hang(HttpExchange exchange) {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void returns504ForAResponseThatNeverEnds() throws Exception {
    Reply reply =
        given(
                exchange -> {
                  exchange.sendResponseHeaders(200, 100);
                  exchange.getResponseBody().write(bytes("{"));
                  exchange.getResponseBody().flush();
                  hang(exchange);
                })
            .send("ping", new byte[0], false, () -> {})
            .get();
    assertThat(reply.status()).isEqualTo(504);
  }

  @Test
  void returns502ForATruncatedResponse() throws Exception {
    Reply reply =
        given(
                exchange -> {
                  exchange.sendResponseHeaders(200, 100);
                  exchange.getResponseBody().write(bytes("{"));
                  exchange.close();
                })
            .send("ping", new byte[0], false, () -> {})
            .get();
    assertThat(reply.status()).isEqualTo(502);
  }

  @Test
  void returns502ForAnOversizedResponse() throws Exception {
    Reply reply =
        given(
                exchange -> {
                  exchange.sendResponseHeaders(200, 0);
                  byte[] part = new byte[64 * 1024];
                  while (over.getCount() > 0) {
                    exchange.getResponseBody().write(part); // fails once the other side has enough
                  }
                })
            .send("ping", new byte[0], false, () -> {})
            .get();
    assertThat(reply.status()).isEqualTo(502);
    assertThat(text(reply)).contains("larger than 131072 bytes");
  }

  @Test
  void returnsTheLargestAllowedResponse() throws Exception {
    byte[] body = new byte[Reply.LARGEST];
    assertThat(given(answer(200, body)).send("ping", new byte[0], false, () -> {}).get().body())
        .isEqualTo(body);
  }

  @Test
  void returns502WithoutAServer() throws Exception {
    int port = Ports.free();
    Reply reply = target(port).send("ping", new byte[0], false, () -> {}).get();
    assertThat(reply.status()).isEqualTo(502);
    assertThat(text(reply)).contains("127.0.0.1:" + port + " is unavailable");
  }

  @Test
  void returns502ForAnUnknownHost() throws Exception {
    HttpTarget target =
        new HttpTarget(
            URI.create("http://nowhere.invalid"), HttpTargetTest::tls, Duration.ofSeconds(20));
    assertThat(target.send("ping", new byte[0], false, () -> {}).get().status()).isEqualTo(502);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost,      true,  200, ''",
    "somewhere.else, true,  502, TLS: the server's certificate is not valid for localhost: ",
    "somewhere.else, false, 200, ''",
    "stranger,       false, 502, TLS: the server's certificate is not from a known CA"
  })
  void verifiesTheHostNameOfAnHttpsServer(
      String host,
      String verify,
      int status,
      String says,
      @TempDir Path folder,
      @TempDir Path other)
      throws Exception {
    Certificates make = new Certificates(folder);
    Certificates maker = host.equals("stranger") ? new Certificates(other) : make;
    HttpsServer secure =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    secure.setHttpsConfigurator(
        new HttpsConfigurator(maker.serverContext(maker.server(host, Certificates.ec()))));
    secure.createContext("/", answer(200, bytes("{}")));
    secure.start();
    try {
      Properties properties = new Properties();
      properties.setProperty("ca", make.write(make.ca().certificate()).toString());
      properties.setProperty("tls.verify-host-name", verify);
      DefaultCamelContext context = new DefaultCamelContext();
      context.getPropertiesComponent().setInitialProperties(properties);
      HttpTarget target =
          new HttpTarget(
              URI.create("https://localhost:" + secure.getAddress().getPort()),
              new TlsFiles(new Settings(context), "ca", null, null),
              Duration.ofSeconds(10));
      Reply reply = target.send("ping", new byte[0], false, () -> {}).get();
      assertThat(text(reply)).contains(says);
      assertThat(reply.status()).isEqualTo(status);
    } finally {
      secure.stop(0);
    }
  }
}
