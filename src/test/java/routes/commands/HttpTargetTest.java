package routes.commands;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands by HTTP, against a real server. */
@Timeout(30)
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
        URI.create("http://127.0.0.1:" + port + "/commands"), Duration.ofSeconds(1));
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
  void aCommandIsAPostOfItsNameAndPayload() throws Exception {
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
    Reply reply = target.send("ping", bytes("{\"a\":1}"));
    assertThat(reply.status()).isEqualTo(200);
    assertThat(text(reply)).isEqualTo("{\"ok\":true}");
    target.send("ping", new byte[0]);
    assertThat(requests)
        .containsExactly(
            "POST /commands/ping application/json {\"a\":1}",
            "POST /commands/ping application/json ");
  }

  @Test
  void itsStatusAndBodyArePassedOn() throws Exception {
    for (int status : new int[] {201, 302, 404, 418, 500}) {
      HttpTarget target = given(answer(status, bytes("because " + status)));
      Reply reply = target.send("ping", new byte[0]);
      assertThat(reply.status()).isEqualTo(status);
      assertThat(text(reply)).isEqualTo("because " + status);
      server.removeContext("/");
    }
    assertThat(given(answer(204, new byte[0])).send("ping", new byte[0]).body()).isEmpty();
  }

  @Test
  void aSlowServerIs504() throws Exception {
    Reply reply = given(this::hang).send("ping", new byte[0]);
    assertThat(reply.status()).isEqualTo(504);
    assertThat(text(reply)).contains("no answer within 1s");
  }

  private void hang(HttpExchange exchange) {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anAnswerThatDoesntEndIs504() throws Exception {
    Reply reply =
        given(
                exchange -> {
                  exchange.sendResponseHeaders(200, 100);
                  exchange.getResponseBody().write(bytes("{"));
                  exchange.getResponseBody().flush();
                  hang(exchange);
                })
            .send("ping", new byte[0]);
    assertThat(reply.status()).isEqualTo(504);
  }

  @Test
  void anAnswerThatBreaksOffIs502() throws Exception {
    Reply reply =
        given(
                exchange -> {
                  exchange.sendResponseHeaders(200, 100);
                  exchange.getResponseBody().write(bytes("{"));
                  exchange.close();
                })
            .send("ping", new byte[0]);
    assertThat(reply.status()).isEqualTo(502);
  }

  @Test
  void anAnswerThatIsTooLargeIs502() throws Exception {
    Reply reply =
        given(
                exchange -> {
                  exchange.sendResponseHeaders(200, 0);
                  byte[] part = new byte[64 * 1024];
                  while (over.getCount() > 0) {
                    exchange.getResponseBody().write(part); // fails once the other side has enough
                  }
                })
            .send("ping", new byte[0]);
    assertThat(reply.status()).isEqualTo(502);
    assertThat(text(reply)).contains("larger than 131072 bytes");
  }

  @Test
  void theLargestAnswerIsPassedOn() throws Exception {
    byte[] body = new byte[Reply.LARGEST];
    assertThat(given(answer(200, body)).send("ping", new byte[0]).body()).isEqualTo(body);
  }

  @Test
  void noServerIs502() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Reply reply = target(port).send("ping", new byte[0]);
    assertThat(reply.status()).isEqualTo(502);
    assertThat(text(reply)).contains("127.0.0.1:" + port + " can't be reached");
  }

  @Test
  void aHostThatDoesntExistIs502() throws Exception {
    HttpTarget target =
        new HttpTarget(URI.create("http://nowhere.invalid"), Duration.ofSeconds(20));
    assertThat(target.send("ping", new byte[0]).status()).isEqualTo(502);
  }
}
