package routes.bundles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.Certificates;
import routes.settings.Settings;
import routes.tls.TlsFiles;

class DownloadTest {
  @TempDir Path folder;

  private final byte[] archive = new byte[100_000];
  private final List<String> ranges = new CopyOnWriteArrayList<>();
  private Certificates certificates;
  private HttpsServer server;
  private Path file;
  private String sha256;

  @BeforeEach
  void start() throws Exception {
    new Random(1).nextBytes(archive);
    Path whole = folder.resolve("whole");
    Files.write(whole, archive);
    sha256 = Download.sha256(whole);
    file = folder.resolve("part");
    certificates = new Certificates(folder);
    serve("localhost", this::answer);
  }

  private void serve(String host, HttpHandler handler) throws IOException {
    if (server != null) {
      server.stop(0);
    }
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(
            certificates.serverContext(certificates.server(host, Certificates.ec()))));
    server.createContext("/", handler);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(String.valueOf(range));
    int start = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    int status = start >= archive.length ? 416 : range == null ? 200 : 206;
    byte[] rest = Arrays.copyOfRange(archive, Math.min(start, archive.length), archive.length);
    exchange.sendResponseHeaders(status, rest.length == 0 ? -1 : rest.length);
    exchange.getResponseBody().write(rest);
    exchange.close();
  }

  private Offer offer() {
    URI url = URI.create("https://localhost:" + server.getAddress().getPort() + "/a.zip");
    return new Offer(1, url, sha256, new byte[64]);
  }

  private void fetch(boolean trusted) throws Exception {
    Properties properties = new Properties();
    if (trusted) {
      Path ca = certificates.write(certificates.ca().certificate());
      properties.setProperty("routes.ca", ca.toString());
    }
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      context.getPropertiesComponent().setInitialProperties(properties);
      TlsFiles tls = new TlsFiles(new Settings(context), "routes.ca", null, null);
      new Download(tls, null).fetch(offer(), file);
    }
  }

  @Test
  void downloads() throws Exception {
    fetch(true);
    assertThat(file).hasBinaryContent(archive);
    assertThat(ranges).containsExactly("null");
  }

  @Test
  void continuesWhereItEnded() throws Exception {
    Files.write(file, Arrays.copyOf(archive, 60_000));
    fetch(true);
    assertThat(file).hasBinaryContent(archive);
    assertThat(ranges).containsExactly("bytes=60000-");
  }

  @Test
  void aCompletePartIsEnough() throws Exception {
    Files.write(file, archive);
    fetch(true);
    assertThat(file).hasBinaryContent(archive);
  }

  @Test
  void startsAgainAtAServerThatSendsEverything() throws Exception {
    Files.write(file, Arrays.copyOf(archive, 60_000));
    serve(
        "localhost",
        exchange -> {
          exchange.sendResponseHeaders(200, archive.length);
          exchange.getResponseBody().write(archive);
          exchange.close();
        });
    fetch(true);
    assertThat(file).hasBinaryContent(archive);
  }

  @Test
  void anotherFileIsDeleted() throws Exception {
    archive[50_000]++;
    assertThatThrownBy(() -> fetch(true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("routes.sha256");
    assertThat(file).doesNotExist();
  }

  @Test
  void theServerIsVerified() throws Exception {
    assertThatThrownBy(() -> fetch(false)).isInstanceOf(IOException.class);
    serve("somewhere.else", this::answer);
    assertThatThrownBy(() -> fetch(true)).isInstanceOf(IOException.class);
    assertThat(ranges).isEmpty();
  }

  @Test
  void anEndlessFileEndsAtTheLimit() throws Exception {
    byte[] block = new byte[1 << 16];
    serve(
        "localhost",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try {
            while (true) {
              exchange.getResponseBody().write(block);
            }
          } catch (IOException e) {
            exchange.close(); // the client has left
          }
        });
    assertThatThrownBy(() -> fetch(true))
        .isInstanceOf(IOException.class)
        .hasMessage("larger than 4 MB");
    assertThat(Files.size(file)).isLessThanOrEqualTo(4 << 20);
  }

  @Test
  void anErrorIsReported() throws Exception {
    serve(
        "localhost",
        exchange -> {
          exchange.sendResponseHeaders(403, -1);
          exchange.close();
        });
    assertThatThrownBy(() -> fetch(true))
        .isInstanceOf(IOException.class)
        .hasMessage("HTTP status 403");
  }

  @Test
  void eachReasonNamesWhatToCheck() {
    assertThatThrownBy(() -> fetch(false))
        .satisfies(
            e ->
                assertThat(Download.reason((Exception) e, offer()))
                    .isEqualTo("TLS: the server's certificate is not from a known CA (routes.ca)"));
    assertThat(Download.reason(new UnknownHostException("localhost"), offer()))
        .isEqualTo("host localhost was not found");
    assertThat(Download.reason(new SocketTimeoutException("Read timed out"), offer()))
        .isEqualTo("no answer within 30 s");
    assertThat(Download.reason(new ConnectException("Connection refused"), offer()))
        .isEqualTo("connection refused");
  }
}
