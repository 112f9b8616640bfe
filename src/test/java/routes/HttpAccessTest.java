package routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.sandbox.RuntimeProcess;

/** Who can read the HTTP port: its address, users and TLS. */
@Tag("slow")
@Timeout(240)
class HttpAccessTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String PASSWORD = "correct horse: battery";

  private static final List<String> SPELLINGS =
      List.of(
          "GET //metrics",
          "GET /health/live/../../metrics",
          "GET /health/live%2f..%2f..%2fmetrics",
          "GET /health/live/",
          "GET /metrics?/health/live",
          "GET /metrics;/health/live",
          "GET http://localhost/metrics",
          "OPTIONS *",
          "POST /api/sample");

  @TempDir Path folder;

  @BeforeEach
  void routeFiles() throws IOException {
    RoutesYaml.copyTo(folder);
  }

  private RuntimeProcess start(Map<String, String> more) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("ROUTES_DIRECTORY", folder.toString());
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("NATS_SERVERS", "nats://127.0.0.1:1");
    settings.putAll(more);
    return RuntimeProcess.start(settings);
  }

  /** The line that the subcommand prints for the password on its standard input. */
  private static String line(String name, String password) throws Exception {
    List<String> command = new ArrayList<>(RuntimeProcess.command());
    command.addAll(List.of("password", name));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().write((password + "\n").getBytes(UTF_8));
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static String basic(String name, String password) {
    byte[] login = (name + ":" + password).getBytes(UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(login);
  }

  private static HttpRequest request(String url, String authorization) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(SOON);
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return request.build();
  }

  private static HttpResponse<String> get(HttpClient client, String url, String authorization)
      throws Exception {
    return client.send(request(url, authorization), HttpResponse.BodyHandlers.ofString());
  }

  /** The status of a GET, whose body may be endless; 0 while nothing listens. */
  private static int status(RuntimeProcess runtime, String path, String authorization)
      throws Exception {
    HttpRequest request = request(runtime.url(path), authorization);
    var headers = HttpResponse.BodyHandlers.ofInputStream();
    HttpResponse<InputStream> response;
    try {
      response = HttpClient.newHttpClient().send(request, headers);
    } catch (ConnectException e) {
      return 0;
    }
    try (InputStream body = response.body()) {
      return response.statusCode();
    }
  }

  @Test
  void everyPathNeedsThePasswordExceptLiveness() throws Exception {
    Path users = folder.resolve("users");
    Files.writeString(users, "# people\n" + line("ann", PASSWORD) + "\n" + line("bø", "12345678"));
    try (RuntimeProcess runtime = start(Map.of("HTTP_USERS", users.toString()))) {
      await().atMost(SOON).until(() -> runtime.get("/health/live").status() == 200);
      await().atMost(SOON).until(() -> status(runtime, "/", basic("ann", PASSWORD)) == 200);
      for (String path :
          List.of(
              "/",
              "/assets/page.js",
              "/metrics",
              "/health",
              "/health/ready",
              "/api/sample",
              "/api/history",
              "/api/events",
              "/nowhere")) {
        for (String header :
            List.of(
                "",
                "Basic",
                "Basic !!",
                "Bearer x",
                "Basic " + "x".repeat(2_000),
                Base64.getEncoder().encodeToString("ann".getBytes(UTF_8)))) {
          assertThat(status(runtime, path, header)).as("%s with %s", path, header).isEqualTo(401);
        }
        assertThat(status(runtime, path, basic("ann", PASSWORD))).isNotEqualTo(401);
      }
      assertThat(status(runtime, "/metrics", basic("bø", "12345678"))).isEqualTo(200);
      for (String login : List.of("ann", "eve", "")) {
        assertThat(status(runtime, "/metrics", basic(login, "wrong password"))).isEqualTo(401);
      }
      HttpResponse<String> refused =
          get(HttpClient.newHttpClient(), runtime.url("/metrics"), basic("ann", "12345678"));
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("WWW-Authenticate"))
          .hasValue("Basic realm=\"cloud-iot-routes\", charset=\"UTF-8\"");
      assertThat(String.join("\n", runtime.output()))
          .contains("wrong user or password from 127.0.0.1")
          .doesNotContain("wrong password\n")
          .doesNotContain(PASSWORD)
          .doesNotContain("pbkdf2");
    }
  }

  @Test
  void noSpellingOfAPathAvoidsThePassword() throws Exception {
    Path users = Files.writeString(folder.resolve("users"), line("ann", PASSWORD));
    try (RuntimeProcess runtime = start(Map.of("HTTP_USERS", users.toString()))) {
      await().atMost(SOON).until(() -> status(runtime, "/metrics", basic("ann", PASSWORD)) == 200);
      for (String request : SPELLINGS) {
        assertThat(raw(runtime, request))
            .as(request)
            .matches("(?s)HTTP/1.1 (400|401|404|405) .*")
            .doesNotContain("system_");
      }
    }
  }

  private static String raw(RuntimeProcess runtime, String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", URI.create(runtime.url("/")).getPort())) {
      socket.setSoTimeout(30_000);
      String head = request + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  /** Guessing is slow and bounded, and does not affect who is already known. */
  @Test
  void aFloodOfWrongPasswordsDoesNotAffectAKnownUser() throws Exception {
    Path users = Files.writeString(folder.resolve("users"), line("ann", PASSWORD));
    try (RuntimeProcess runtime = start(Map.of("HTTP_USERS", users.toString()))) {
      await().atMost(SOON).until(() -> status(runtime, "/metrics", basic("ann", PASSWORD)) == 200);
      HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      List<CompletableFuture<Integer>> guesses = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(runtime.url("/metrics")))
                .header("Authorization", basic("ann", "guess " + i))
                .build();
        guesses.add(
            client
                .sendAsync(request, HttpResponse.BodyHandlers.discarding())
                .thenApply(HttpResponse::statusCode));
      }
      await().atMost(SOON).until(() -> guesses.stream().anyMatch(CompletableFuture::isDone));
      for (int i = 0; i < 20; i++) {
        assertThat(status(runtime, "/metrics", basic("ann", PASSWORD))).isEqualTo(200);
      }
      await()
          .atMost(SOON)
          .until(() -> statuses(guesses).stream().filter(status -> status == 503).count() > 150);
      assertThat(statuses(guesses)).isSubsetOf(401, 503);
    }
  }

  private static List<Integer> statuses(List<CompletableFuture<Integer>> answers) {
    return answers.stream().filter(CompletableFuture::isDone).map(CompletableFuture::join).toList();
  }

  @Test
  void theCertificateEncryptsThePort() throws Exception {
    Certificates make = new Certificates(folder);
    Instant end = Instant.now().plus(Duration.ofDays(9));
    Certificates.Identity server = make.server(Certificates.ec(), end);
    Path certificate = make.write(server.certificate());
    Path key = make.writePkcs8(server.keys().getPrivate());
    Path users = Files.writeString(folder.resolve("users"), line("ann", PASSWORD));
    Map<String, String> settings =
        Map.of(
            "HTTP_CERTIFICATE", certificate.toString(),
            "HTTP_PRIVATE_KEY", key.toString(),
            "HTTP_USERS", users.toString(),
            "HTTP_HOST", "0.0.0.0");
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", make.ca().certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    HttpClient client = HttpClient.newBuilder().sslContext(tls).build();
    try (RuntimeProcess runtime = start(settings)) {
      String url = runtime.url("").replace("http://127.0.0.1", "https://localhost");
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(() -> get(client, url + "/", basic("ann", PASSWORD)).statusCode() == 200);
      assertThat(get(client, url + "/health/live", "").statusCode()).isEqualTo(200);
      assertThat(get(client, url + "/metrics", "").statusCode()).isEqualTo(401);
      assertThat(runtime.get("/health/live").status()).as("plaintext").isZero();
      await()
          .atMost(SOON)
          .until(() -> runtime.output().stream().anyMatch(line -> line.contains("https://")));
      assertThat(String.join("\n", runtime.output())).doesNotContain("unencrypted");
      Process probe = healthcheck(url.replaceFirst(".*:", ""), certificate);
      assertThat(probe.waitFor()).isZero();

      String warning = "http.certificate expires in 8 days, on ";
      HttpResponse<String> health = get(client, url + "/health", basic("ann", PASSWORD));
      assertThat(health.body())
          .contains("{\"name\":\"certificates\",\"status\":\"UP\",\"message\":\"" + warning);
      assertThat(String.join("\n", runtime.output())).containsOnlyOnce(warning);
      assertThat(get(client, url + "/metrics", basic("ann", PASSWORD)).body())
          .contains("certificate_expiry_timestamp_seconds{name=\"http.certificate\"} ");

      Certificates.Identity renewed = make.server("localhost", Certificates.ec());
      Files.copy(make.write(renewed.certificate()), certificate, REPLACE_EXISTING);
      Files.copy(make.writePkcs8(renewed.keys().getPrivate()), key, REPLACE_EXISTING);
      await().atMost(SOON).until(() -> presented(tls, url).equals(renewed.certificate()));
      assertThat(get(client, url + "/health", basic("ann", PASSWORD)).body())
          .doesNotContain("expires in");
    }
  }

  /** The certificate that a new connection gets. */
  private static Certificate presented(SSLContext tls, String url) throws IOException {
    URI address = URI.create(url);
    try (SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(address.getHost(), address.getPort())) {
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  private static Process healthcheck(String port, Path certificate) throws IOException {
    ProcessBuilder probe = new ProcessBuilder("tools/healthcheck");
    probe.environment().put("HTTP_PORT", port);
    probe.environment().put("HTTP_CERTIFICATE", certificate.toString());
    return probe.redirectErrorStream(true).start();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0.0.0.0 |      |            | other machines can reach 0.0.0.0; set http.users for a password, http.certificate for TLS, or http.insecure = true
          ::      |      |            | other machines can reach
          0.0.0.0 | ann  |            | /users line 1 is not NAME:HASH; create it with the subcommand password NAME
          0.0.0.0 | '#'  |            | /users contains no user; add one with the subcommand password NAME
          0.0.0.0 | ann:$pbkdf2-sha256$9000000$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= | | line 1 is not NAME:HASH
          0.0.0.0 |      | users      | contains no certificate
          """)
  void refusesToListenUnprotected(String host, String users, String certificate, String problem)
      throws Exception {
    Map<String, String> settings = new HashMap<>(Map.of("HTTP_HOST", host));
    Path file = Files.writeString(folder.resolve("users"), users == null ? "" : users);
    if (users != null) {
      settings.put("HTTP_USERS", file.toString());
    }
    if (certificate != null) {
      settings.put("HTTP_CERTIFICATE", file.toString());
      settings.put("HTTP_PRIVATE_KEY", file.toString());
    }
    try (RuntimeProcess runtime = start(settings)) {
      assertThat(runtime.awaitExit()).isEqualTo(1);
      assertThat(runtime.output()).singleElement().asString().contains(problem);
    }
  }

  @Test
  void aSettingPermitsAnOpenPort() throws Exception {
    try (RuntimeProcess runtime = start(Map.of("HTTP_HOST", "0.0.0.0", "HTTP_INSECURE", "true"))) {
      await().atMost(SOON).until(() -> runtime.get("/").status() == 200);
    }
  }

  @Test
  void warnsOfPasswordsWithoutTls() throws Exception {
    Path users = Files.writeString(folder.resolve("users"), line("ann", PASSWORD));
    try (RuntimeProcess runtime =
        start(Map.of("HTTP_HOST", "0.0.0.0", "HTTP_USERS", users.toString()))) {
      await().atMost(SOON).until(() -> runtime.get("/health/live").status() == 200);
      assertThat(runtime.output())
          .anyMatch(line -> line.contains("passwords cross the network unencrypted"));
    }
  }
}
