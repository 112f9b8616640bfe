package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.RuntimeProcess;

/** The HTTP port listens on loopback only, is read-only, and limits the size of a request. */
@Timeout(90)
class HttpReadOnlyTest {
  private static final List<String> PATHS =
      List.of(
          "/",
          "/metrics",
          "/health",
          "/health/live",
          "/health/ready",
          "/api/sample",
          "/api/history",
          "/api/gateways");
  private static final List<String> METHODS =
      List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "FOO");

  @TempDir static Path directory;
  private static RuntimeProcess runtime;

  @BeforeAll
  static void start() throws IOException {
    RoutesYaml.copyTo(directory);
    Files.writeString(
        directory.resolve("serve-fault.camel.yaml"),
        """
        - route:
            id: serve-fault
            from:
              uri: platform-http
              parameters:
                path: /fault
              steps:
                - throwException:
                    exceptionType: java.lang.IllegalStateException
                    message: inside
        """);
    runtime =
        RuntimeProcess.start(
            Map.of(
                "NATS_SERVERS",
                "nats://127.0.0.1:1",
                "DATA_DIRECTORY",
                directory.resolve("data").toString(),
                "ROUTES_DIRECTORY",
                directory.toString()));
    await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> runtime.get("/fault").status() > 0 && runtime.get("/metrics").status() == 200);
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  static Stream<String> requests() {
    return PATHS.stream().flatMap(path -> METHODS.stream().map(method -> method + " " + path));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void rejectsWritingMethods(String request) throws Exception {
    assertThat(status(raw(request + " HTTP/1.1\r\n", "Content-Length: 2\r\n", "{}")))
        .isIn(400, 404, 405, 501);
  }

  /** RFC 9110, 9.3.2. */
  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics", "/api/sample", "/api/gateways"})
  void answersHeadLikeGetWithoutTheBody(String path) throws Exception {
    String head = raw("HEAD " + path + " HTTP/1.1\r\n", "", "");
    assertThat(status(head)).isEqualTo(200);
    assertThat(head).containsIgnoringCase("\r\ncontent-type: ").endsWith("\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics", "/api/sample", "/api/gateways"})
  void doesNotEchoTheRequestInResponseHeaders(String path) throws Exception {
    String query = "?Set-Cookie=evil&Access-Control-Allow-Origin=*&Content-Encoding=gzip";
    String answer = raw("GET " + path + query + " HTTP/1.1\r\n", "X-Own: evil\r\n", "");
    assertThat(status(answer)).isEqualTo(200);
    assertThat(answer.split("\r\n\r\n")[0])
        .doesNotContain("evil")
        .doesNotContainIgnoringCase("access-control")
        .doesNotContainIgnoringCase("gzip");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/api/..%5c..%5cpom.xml",
        "/home.html",
        "/application.properties",
        "/health/../../application.properties"
      })
  void servesNoFiles(String path) throws Exception {
    String answer = raw("GET " + path + " HTTP/1.1\r\n", "", "");
    assertThat(status(answer)).isIn(400, 404);
    assertThat(answer).doesNotContain("root:").doesNotContain("nats.servers");
  }

  @Test
  void errorsRevealNoInternals() throws Exception {
    for (String path : List.of("/fault", "/nowhere", "/api/sample?x=%", "/%zz", "/metrics/x")) {
      assertThat(raw("GET " + path + " HTTP/1.1\r\n", "", ""))
          .doesNotContain("\tat ")
          .doesNotContain("Exception")
          .doesNotContain("inside");
    }
    assertThat(status(raw("GET /fault HTTP/1.1\r\n", "", ""))).isEqualTo(500);
  }

  @Test
  void limitsTheSizeOfARequest() throws Exception {
    assertThat(status(raw("GET /" + "x".repeat(5_000) + " HTTP/1.1\r\n", "", ""))).isEqualTo(414);
    assertThat(status(raw("GET /metrics HTTP/1.1\r\n", "A: " + "x".repeat(9_000) + "\r\n", "")))
        .isEqualTo(431);
    String large = "x".repeat(100_000);
    for (String path : List.of("/metrics", "/api/sample", "/")) {
      String answer = raw("GET " + path + " HTTP/1.1\r\n", "Content-Length: 100000\r\n", large);
      assertThat(status(answer)).as(path).isEqualTo(413);
    }
    assertThat(runtime.get("/metrics").status()).isEqualTo(200);
  }

  @Test
  void listensOnLoopbackOnly() throws Exception {
    for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
      for (InetAddress address : network.inetAddresses().toList()) {
        if (address instanceof Inet4Address && !address.isLoopbackAddress()) {
          assertThatThrownBy(() -> connect(address)).isInstanceOf(ConnectException.class);
        }
      }
    }
  }

  private static void connect(InetAddress address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, URI.create(runtime.url("/")).getPort()), 2_000);
    }
  }

  /** Sends a request with only the necessary headers and returns the raw response. */
  private static String raw(String line, String headers, String body) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", URI.create(runtime.url("/")).getPort())) {
      socket.setSoTimeout(10_000);
      String request = line + "Host: localhost\r\nConnection: close\r\n" + headers + "\r\n" + body;
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // The server closed early; its response may have arrived anyway.
      }
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int status(String answer) {
    assertThat(answer).startsWith("HTTP/1.");
    return Integer.parseInt(answer.substring(9, 12));
  }
}
