package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;
import routes.sandbox.ForwardProxy;
import routes.sandbox.MeanBroker;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.uplink.GatewaySettings;

/** A broker behind an HTTP or SOCKS5 proxy. */
@Timeout(120)
class ProxyTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();

  private final ForwardProxy proxy = new ForwardProxy(broker::port);

  @AfterEach
  void stop() {
    clients.close();
    broker.close();
    proxy.close();
  }

  private Optional<Proxy> proxy(boolean http, String password) {
    return Optional.of(
        new Proxy(
            http, "127.0.0.1", proxy.port(), () -> new Proxy.Login(ForwardProxy.USER, password)));
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
    clients.proxy = proxy(http, ForwardProxy.PASSWORD);
    TestClient client = clients.connected(scheme + "://broker.test:8883", "a");
    client.publish("t", TestClients.message("x".repeat(100_000), 1));
    assertThat(proxy.asked).containsExactly("broker.test:8883");
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
        .startsWith("unreachable: proxy 127.0.0.1:" + proxy.port() + ": ")
        .doesNotContain("wr0ng");
    assertThat(broker.connects).isEmpty();
  }

  /** The file may be away for a moment while it is replaced. */
  @Test
  void readsTheLoginAtEachConnect() throws Exception {
    broker.start(0);
    Path file = Files.writeString(folder.resolve("password"), "wr0ng\n");
    Properties properties = new Properties();
    properties.setProperty("mqtt.proxy", "http://127.0.0.1:" + proxy.port());
    properties.setProperty("mqtt.proxy-username", ForwardProxy.USER);
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    SecretFiles.useIn(context, Map.of("MQTT_PROXY_PASSWORD_FILE", file.toString()));
    clients.proxy = Proxy.read(new GatewaySettings(new Settings(context), "mqtt", "mqtt"));
    TestClient client = clients.start("tcp://broker.test:1883", "a");
    await().atMost(SOON).until(() -> client.lastError().orElse("").contains("proxy"));
    Files.delete(file);
    await().atMost(SOON).until(() -> client.lastError().orElse("").contains("there is no file"));
    Files.writeString(file, ForwardProxy.PASSWORD + "\n");
    assertThat(client.awaitConnected(SOON)).isTrue();
  }

  @Test
  void namesAnUnreachableProxy() throws Exception {
    int port = proxy.port();
    clients.proxy = proxy(true, ForwardProxy.PASSWORD);
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
