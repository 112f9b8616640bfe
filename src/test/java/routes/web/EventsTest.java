package routes.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Server-sent events over a real HTTP server. */
@Timeout(90)
class EventsTest {
  private static final int READERS = 16;

  private final Vertx vertx = Vertx.vertx();
  private final List<Socket> sockets = new ArrayList<>();
  private final AtomicInteger built = new AtomicInteger();
  private volatile String text = "first";
  private HttpServer server;

  private final Section section =
      new Section() {
        @Override
        public String id() {
          return "news";
        }

        @Override
        public String html() {
          built.incrementAndGet();
          return text;
        }
      };

  @BeforeEach
  void start() throws Exception {
    Router router = Router.router(vertx);
    new Events(vertx, 20, List.of(section), () -> {}).serveFrom(router);
    server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get();
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket socket : sockets) {
      socket.close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }

  private BufferedReader open() throws IOException {
    Socket socket = new Socket("127.0.0.1", server.actualPort());
    sockets.add(socket);
    socket.setSoTimeout(60_000);
    socket
        .getOutputStream()
        .write("GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private static String next(BufferedReader reader, String start) throws IOException {
    String line = reader.readLine();
    while (line != null && !line.startsWith(start)) {
      line = reader.readLine();
    }
    return line;
  }

  @Test
  void sendsASectionAtFirstAndWhenItChanges() throws Exception {
    BufferedReader reader = open();
    assertThat(next(reader, "HTTP/")).endsWith("200 OK");
    assertThat(next(reader, "content-type")).contains("text/event-stream");
    assertThat(next(reader, "data:")).isEqualTo("data: {\"news\":\"first\"}");
    text = "<b>\"second\"\n</b>";
    assertThat(next(reader, "data:")).isEqualTo("data: {\"news\":\"<b>\\\"second\\\"\\n</b>\"}");
    assertThat(next(reader, ":")).as("a sign of life without a change").isNotNull();
  }

  @Test
  void buildsNothingUnlessSomebodyReads() throws Exception {
    Thread.sleep(100);
    assertThat(built).hasValue(0);
    next(open(), "data:");
    sockets.get(0).close();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              int before = built.get();
              Thread.sleep(200);
              return built.get() == before;
            });
    assertThat(next(open(), "data:")).as("starts again").contains("first");
  }

  @Test
  void refusesMoreReadersUntilOneLeaves() throws Exception {
    for (int i = 0; i < READERS; i++) {
      next(open(), "data:");
    }
    BufferedReader refused = open();
    assertThat(next(refused, "HTTP/")).contains(" 503 ");
    assertThat(next(refused, "retry-after")).isNotNull();
    sockets.get(3).close();
    await().atMost(Duration.ofSeconds(60)).until(() -> next(open(), "HTTP/").endsWith("200 OK"));
  }

  @Test
  void closesAReaderThatDoesNotRead() throws Exception {
    BufferedReader stuck = open();
    BufferedReader other = open();
    assertThat(next(stuck, "HTTP/")).endsWith("200 OK");
    for (int i = 0; i < 200; i++) {
      text = i + "x".repeat(200_000); // more than the buffers of the sockets hold
      assertThat(next(other, "data:")).isNotNull();
    }
    text = "last";
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              try {
                sockets.get(0).getOutputStream().write('x');
                return false;
              } catch (IOException e) {
                return true;
              }
            });
    await().atMost(Duration.ofSeconds(60)).until(() -> next(other, "data:").contains("last"));
  }
}
