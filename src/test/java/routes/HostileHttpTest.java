package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.RuntimeProcess;

/** Clients that send too much or too slowly block neither the pages nor the routes. */
@Tag("slow")
@Timeout(90)
class HostileHttpTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final List<Socket> sockets = new ArrayList<>();
  private RuntimeProcess runtime;

  @BeforeEach
  void start() throws IOException {
    runtime =
        RuntimeProcess.start(
            Map.of(
                "DEVICE_ID",
                "edge-1",
                "NATS_SERVERS",
                nats.url(),
                "GATEWAYS",
                "none",
                "COLLECT_PERIOD",
                "500ms"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> runtime.get("/health/ready").status() == 200);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    runtime.close();
    assertThat(runtime.output()).noneMatch(line -> line.startsWith("\tat "));
  }

  private Socket send(String text) throws IOException {
    URI url = URI.create(runtime.url("/"));
    Socket socket = new Socket(url.getHost(), url.getPort());
    sockets.add(socket);
    socket.setSoTimeout(15_000);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  @Test
  void twoHundredSlowClientsDoNotBlockOthers() throws Exception {
    for (int i = 0; i < 200; i++) {
      send("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    }
    String before = runtime.get("/api/sample").body();
    assertThat(runtime.get("/health/ready").status()).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !runtime.get("/api/sample").body().equals(before));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n",
        "%s"
      })
  void rejectsAnOversizedRequestHead(String request) throws Exception {
    Socket socket = send(String.format(request, "x".repeat(100_000)));
    String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
    assertThat(answer).matches("HTTP/1\\.[01] 4\\d\\d");
    assertThat(runtime.get("/health/live").status()).isEqualTo(200);
  }

  @Test
  void rejectsAMalformedRequestWithoutLogging() throws Exception {
    Socket socket = send("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n");
    String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
    assertThat(answer).isEqualTo("HTTP/1.1 400");
    assertThat(runtime.get("/health/ready").status()).isEqualTo(200);
    assertThat(runtime.output()).noneMatch(line -> line.contains(" ERROR "));
  }

  /** Three times the size of the heap. */
  @ParameterizedTest
  @ValueSource(strings = {"GET /api/sample", "POST /api/gateways", "GET /metrics", "POST /nowhere"})
  void aRequestBodyUsesNoMemory(String request) throws Exception {
    long size = 400L << 20;
    Socket socket = send(request + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\n");
    byte[] chunk = new byte[1 << 20];
    OutputStream out = socket.getOutputStream();
    try {
      for (long sent = 0; sent < size; sent += chunk.length) {
        out.write(chunk);
      }
    } catch (IOException e) {
      // refused before its end
    }
    assertThat(runtime.get("/health/ready").status()).isEqualTo(200);
    assertThat(runtime.output()).noneMatch(line -> line.contains("OutOfMemory"));
  }
}
