package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;
import routes.sandbox.MeanBroker;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.uplink.GatewaySettings;

/** A broker behind an HTTP or SOCKS5 proxy. */
@Timeout(120)
class ProxyTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String USER = "u";
  private static final String PASSWORD = "p4ss";

  @TempDir Path folder;
  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();

  /** What clients asked to be connected to. */
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private ServerSocket proxy;

  @BeforeEach
  void listen() throws IOException {
    proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(
        () -> {
          while (true) {
            Socket client = proxy.accept();
            daemon(() -> serve(client));
          }
        });
  }

  @AfterEach
  void stop() throws IOException {
    clients.close();
    broker.close();
    proxy.close();
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void daemon(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // closed
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    int first = in.readUnsignedByte();
    boolean allowed = first == 5 ? socks(client, in) : http(client, in);
    if (!allowed) {
      client.close();
      return;
    }
    Socket server = new Socket(InetAddress.getLoopbackAddress(), broker.port());
    daemon(
        () -> {
          in.transferTo(server.getOutputStream());
          server.close();
        });
    server.getInputStream().transferTo(client.getOutputStream());
    client.close();
  }

  private boolean http(Socket client, DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    asked.add(head.toString().split(" ")[1]);
    String token = Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes());
    boolean allowed = head.toString().toLowerCase().contains("basic " + token.toLowerCase());
    client
        .getOutputStream()
        .write(
            ("HTTP/1.1 " + (allowed ? "200 OK" : "407 Who\r\nContent-Length: 0") + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return allowed;
  }

  private boolean socks(Socket client, DataInputStream in) throws IOException {
    in.readNBytes(in.readUnsignedByte());
    client.getOutputStream().write(new byte[] {5, 2});
    in.readUnsignedByte();
    String user = new String(in.readNBytes(in.readUnsignedByte()));
    String password = new String(in.readNBytes(in.readUnsignedByte()));
    boolean allowed = user.equals(USER) && password.equals(PASSWORD);
    client.getOutputStream().write(new byte[] {1, (byte) (allowed ? 0 : 1)});
    if (allowed) {
      in.readNBytes(4);
      asked.add(new String(in.readNBytes(in.readUnsignedByte())) + ":" + in.readUnsignedShort());
      client.getOutputStream().write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    }
    return allowed;
  }

  private Optional<Proxy> proxy(boolean http, String password) {
    return Optional.of(
        new Proxy(http, "127.0.0.1", proxy.getLocalPort(), () -> new Proxy.Login(USER, password)));
  }

  @ParameterizedTest
  @CsvSource({"true, tcp", "true, ssl", "true, ws", "true, wss", "false, tcp", "false, ssl"})
  void theProxyResolvesTheNameAndForwardsBytes(boolean http, String scheme) throws Exception {
    Certificates make = new Certificates(folder);
    if (scheme.equals("ssl") || scheme.equals("wss")) {
      broker.withTls(make.serverContext(make.server("broker.test", Certificates.ec())), false);
      clients.tls = TestClients.tls(make.write(make.ca().certificate()).toString(), "", "");
    }
    if (scheme.startsWith("ws")) {
      broker.withWebSocket("/mqtt").withDifficultWebSocket();
    }
    broker.start(0);
    clients.proxy = proxy(http, PASSWORD);
    TestClient client = clients.connected(scheme + "://broker.test:8883", "a");
    client.publish("t", TestClients.message("x".repeat(100_000), 1));
    assertThat(asked).containsExactly("broker.test:8883");
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void namesAProxyThatRefusesWithoutThePassword(boolean http) throws Exception {
    broker.start(0);
    clients.proxy = proxy(http, "wr0ng");
    TestClient client = clients.start("tcp://broker.test:1883", "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError().orElseThrow())
        .startsWith("unreachable: proxy 127.0.0.1:" + proxy.getLocalPort() + ": ")
        .doesNotContain("wr0ng");
    assertThat(broker.connects).isEmpty();
  }

  /** The file may be away for a moment while it is replaced. */
  @Test
  void readsTheLoginAtEachConnect() throws Exception {
    broker.start(0);
    Path file = Files.writeString(folder.resolve("password"), "wr0ng\n");
    Properties properties = new Properties();
    properties.setProperty("mqtt.proxy", "http://127.0.0.1:" + proxy.getLocalPort());
    properties.setProperty("mqtt.proxy-username", USER);
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    SecretFiles.useIn(context, Map.of("MQTT_PROXY_PASSWORD_FILE", file.toString()));
    clients.proxy = Proxy.read(new GatewaySettings(new Settings(context), "mqtt", "mqtt"));
    TestClient client = clients.start("tcp://broker.test:1883", "a");
    await().atMost(SOON).until(() -> client.lastError().orElse("").contains("proxy"));
    Files.delete(file);
    await().atMost(SOON).until(() -> client.lastError().orElse("").contains("there is no file"));
    Files.writeString(file, PASSWORD + "\n");
    assertThat(client.awaitConnected(SOON)).isTrue();
  }

  @Test
  void namesAnUnreachableProxy() throws Exception {
    int port = proxy.getLocalPort();
    clients.proxy = proxy(true, PASSWORD);
    proxy.close();
    TestClient client = clients.start("tcp://broker.test:1883", "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError()).contains("unreachable: connection refused at 127.0.0.1:" + port);
  }

  private static Optional<Proxy> read(String text) {
    Properties properties = new Properties();
    properties.setProperty("mqtt.proxy", text);
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    return Proxy.read(new GatewaySettings(new Settings(context), "mqtt", "mqtt"));
  }

  @Test
  void readsItsSettings() {
    assertThat(read("")).isEmpty();
    assertThat(read("socks5://proxy:1080").orElseThrow().address()).isEqualTo("proxy:1080");
    for (String wrong : List.of("proxy:3128", "https://proxy:1", "http://u:s3cret@proxy:1")) {
      assertThatThrownBy(() -> read(wrong))
          .isInstanceOf(SettingException.class)
          .hasMessageStartingWith("mqtt.proxy: is not a proxy address; use http://host:port")
          .hasMessageNotContaining("s3cret");
    }
  }
}
