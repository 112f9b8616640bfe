package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Subscription;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.main.Main;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.BareMain;
import routes.Certificates;
import routes.NatsServer;
import routes.link.BrokerUrl;
import routes.link.ConnectionSettings;
import routes.sandbox.SandboxCloud.Reply;
import routes.sandbox.azure.SandboxAzure;
import routes.uplink.GatewayKind;
import routes.uplink.GatewaySettings;
import routes.uplink.Uplink;

/** The gateway's route files, Camel's stock endpoint, the shared client and the stand-in hub. */
@Timeout(120)
class AzureGatewayTest {
  @RegisterExtension static final NatsServer NATS = new NatsServer();

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final Main main = BareMain.of(AzureGateway.class);
  private SandboxAzure hub;
  private Uplink uplink;

  @AfterEach
  void stop() throws Exception {
    main.stop();
    main.shutdown();
    if (hub != null) {
      hub.close();
    }
    await()
        .atMost(SOON)
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("azure-")));
  }

  private Path landed() {
    return folder.resolve("landed");
  }

  private SandboxAzure hub() {
    hub = new SandboxAzure(landed(), new Certificates(folder)).withBatchTime(Duration.ofMillis(50));
    return hub.start(0);
  }

  /**
   * Starts route files with direct:in in place of the bus, and waits until the gateway is
   * connected.
   */
  private ProducerTemplate start(Map<String, String> settings, String... routes) throws Exception {
    return start(AzureGateway::new, settings, routes);
  }

  private ProducerTemplate start(GatewayKind kind, Map<String, String> settings, String... routes)
      throws Exception {
    settings.forEach(
        (name, value) ->
            main.addOverrideProperty(
                name.toLowerCase(Locale.ROOT).replaceFirst("_", ".").replace('_', '-'), value));
    main.addOverrideProperty("gateways", "azure");
    main.addOverrideProperty("device.labels", "site=Bad Homburg,line=3");
    main.addOverrideProperty("reconnect.min", "20ms");
    main.addOverrideProperty("reconnect.max", "100ms");
    main.addOverrideProperty("nats.servers", NATS.url());
    main.addOverrideProperty("device.id", "edge-1");
    BareMain.withGateways(BareMain.withBus(main), Map.of("azure", kind));
    main.bind("metricsRegistry", new SimpleMeterRegistry());
    main.bind("commands", new Echo());
    main.start();
    CamelContext context = main.getCamelContext();
    for (String route : routes) {
      String yaml = Files.readString(Path.of("routes-yaml/" + route + ".camel.yaml"));
      String direct =
          yaml.replaceFirst(
              "(?s)uri: jetstream\\n.*?(?=\\n +steps:)",
              "uri: direct\n      parameters:\n        name: in");
      PluginHelper.getRoutesLoader(context)
          .loadRoutes(ResourceHelper.fromString(route + ".camel.yaml", direct));
    }
    uplink = context.getRegistry().lookupByNameAndType("azure", Uplink.class);
    assertThat(uplink.awaitConnected(SOON)).as(() -> uplink.lastError().toString()).isTrue();
    return context.createProducerTemplate();
  }

  /** A message as it is on the bus. */
  private static void send(ProducerTemplate bus, String body, String id) {
    bus.sendBodyAndHeaders(
        "direct:in",
        body,
        Map.of("CamelNatsSubject", "telemetry.edge-1.metrics", "Nats-Msg-Id", id));
  }

  /** Answers a command with its name and payload; a forbidden one with 403. */
  private static final class Echo implements Processor {
    @Override
    public void process(Exchange exchange) {
      String name = exchange.getMessage().getHeader("Command-Name", String.class);
      String payload = exchange.getMessage().getBody(String.class);
      exchange.getMessage().setHeader("Command-Status", name.equals("forbidden") ? 403 : 200);
      exchange.getMessage().setBody(("{\"" + name + "\":" + payload + "}").getBytes());
    }
  }

  /** The records in the files that the hub has written. */
  private List<JsonNode> records() {
    List<JsonNode> records = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Files.createDirectories(landed()))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        for (String line : Files.readAllLines(file)) {
          records.add(JSON.readTree(line));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return records;
  }

  private List<JsonNode> records(int count) {
    await().atMost(SOON).until(() -> records().size() >= count);
    return records();
  }

  @Test
  void aSampleIsStoredInAFileWithItsProperties() throws Exception {
    ProducerTemplate bus = start(hub().register("hub-1").settings(), "gateway-azure");
    send(bus, "{\"cpu\":1}", "01J");
    JsonNode record = records(1).get(0);
    assertThat(record.path("Body")).isEqualTo(JSON.readTree("{\"cpu\":1}"));
    assertThat(record.path("Properties"))
        .isEqualTo(JSON.readTree("{\"kind\":\"metrics\",\"site\":\"Bad Homburg\",\"line\":\"3\"}"));
    JsonNode system = record.path("SystemProperties");
    assertThat(system.path("messageId").asText()).isEqualTo("01J");
    assertThat(system.path("contentType").asText()).isEqualTo("application/json");
    assertThat(system.path("contentEncoding").asText()).isEqualTo("utf-8");
    assertThat(system.path("connectionDeviceId").asText()).isEqualTo("hub-1");
    assertThat(hub.refusals()).isEmpty();
  }

  @Test
  void rejectsASampleAboveTheHubsLimitWithoutDisconnecting() throws Exception {
    ProducerTemplate bus = start(hub().register("hub-1").settings(), "gateway-azure");
    assertThatThrownBy(() -> send(bus, "\"" + "x".repeat(256 << 10) + "\"", "01J"))
        .rootCause()
        .hasMessageStartingWith("payload and properties have 262");
    send(bus, "{}", "01J");
    assertThat(records(1)).hasSize(1);
    assertThat(uplink.reconnects()).isZero();
  }

  @Test
  void reportsTheInventoryAsProperties() throws Exception {
    ProducerTemplate bus =
        start(hub().register("hub-1").settings(), "gateway-azure-inventory", "commands-azure");
    bus.sendBody("direct:in", "{\"os\":{\"family\":\"Debian\"},\"labels\":{\"a.b\":\"c\"}}");
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(hub.reported("hub-1"))
                    .isEqualTo(
                        JSON.readTree(
                            "{\"os\":{\"family\":\"Debian\"},\"labels\":{\"a_b\":\"c\"}}")));
    assertThat(hub.refusals()).isEmpty();
  }

  @Test
  void answersADirectMethod() throws Exception {
    start(hub().register("hub-1").settings(), "commands-azure");
    assertThat(hub.command("hub-1", "ping", "{\"a\":1}").join())
        .isEqualTo(new Reply(200, "{\"ping\":{\"a\":1}}"));
    assertThat(hub.command("hub-1", "forbidden", "1").join())
        .isEqualTo(new Reply(403, "{\"forbidden\":1}"));
    assertThat(hub.refusals()).isEmpty();
  }

  @Test
  void answersACloudToDeviceMessageWithTelemetry() throws Exception {
    hub().register("hub-1").send("hub-1", Map.of("command", "ping", "$.mid", "m"), "1".getBytes());
    start(hub.settings(), "commands-azure");
    JsonNode record = records(1).get(0);
    assertThat(record.path("Body")).isEqualTo(JSON.readTree("{\"ping\":1}"));
    assertThat(record.path("SystemProperties").path("correlationId").asText()).isEqualTo("m");
    assertThat(record.path("Properties"))
        .isEqualTo(JSON.readTree("{\"command\":\"ping\",\"status\":\"200\"}"));
    hub.send("hub-1", Map.of("command", "ping"), "2".getBytes());
    hub.send("hub-1", Map.of(), "3".getBytes());
    hub.send("hub-1", Map.of("command", "ping", "$.mid", "n"), "4".getBytes());
    assertThat(records(2)).hasSize(2);
    assertThat(hub.refusals()).isEmpty();
  }

  @Test
  void desiredPropertiesReachTheBus() throws Exception {
    Connection nats = NATS.connection();
    Subscription desired = nats.subscribe("desired.edge-1");
    nats.flush(SOON);
    hub().register("hub-1").desire("hub-1", "{\"period\":\"5s\"}");
    start(hub.settings(), "commands-azure");
    assertThat(text(desired)).isEqualTo("{\"period\":\"5s\",\"$version\":2}");
    hub.desire("hub-1", "{\"period\":null}");
    assertThat(text(desired)).isEqualTo("{\"period\":null,\"$version\":3}");
    assertThat(hub.refusals()).isEmpty();
  }

  private static String text(Subscription subscription) throws InterruptedException {
    Message message = subscription.nextMessage(SOON);
    assertThat(message).isNotNull();
    return new String(message.getData());
  }

  @Test
  @Tag("slow")
  void renewsAShortLivedTokenWithoutLosingSamples() throws Exception {
    main.addOverrideProperty("azure.token-lifetime", "5s");
    ProducerTemplate bus =
        start(hub().register("hub-1").settings(), "gateway-azure", "commands-azure");
    AtomicBoolean enough = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Set<String>>> senders = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String name = i + "-";
      senders.add(
          threads.submit(
              () -> {
                Set<String> sent = new HashSet<>();
                for (int n = 0; !enough.get(); n++) {
                  send(bus, "{}", name + n);
                  sent.add(name + n);
                }
                return sent;
              }));
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> hub.connects() >= 4);
    enough.set(true);
    Set<String> sent = new HashSet<>();
    for (Future<Set<String>> sender : senders) {
      sent.addAll(sender.get());
    }
    threads.shutdown();
    main.stop();
    hub.close();
    assertThat(sent).hasSizeGreaterThan(100);
    records()
        .forEach(record -> sent.remove(record.path("SystemProperties").path("messageId").asText()));
    assertThat(sent).as("acknowledged but not in a file").isEmpty();
    assertThat(hub.refusals()).isEmpty();
    assertThat(uplink.reconnects()).isZero();
  }

  @Test
  void connectsWithACertificateInsteadOfAKey() throws Exception {
    Certificates certificates = new Certificates(folder);
    Certificates.Identity own = certificates.client("hub-1", Certificates.ec());
    hub().registerThumbprint("hub-1", SandboxAzure.thumbprint(own.certificate(), "SHA-256"));
    main.addOverrideProperty("azure.certificate", certificates.write(own.certificate()).toString());
    main.addOverrideProperty(
        "azure.private-key", certificates.writePkcs8(own.keys().getPrivate()).toString());
    ProducerTemplate bus = start(hub.settings(), "gateway-azure");
    send(bus, "{}", "01J");
    assertThat(records(1).get(0).path("SystemProperties").path("connectionAuthMethod").asText())
        .contains("x509");
  }

  @Test
  void aModuleUsesItsOwnTopics() throws Exception {
    ProducerTemplate bus =
        start(hub().register("hub-1/m").settings(), "gateway-azure", "commands-azure");
    send(bus, "{}", "01J");
    assertThat(records(1).get(0).path("SystemProperties").path("connectionModuleId").asText())
        .isEqualTo("m");
    assertThat(hub.command("hub-1/m", "ping", "1").join())
        .isEqualTo(new Reply(200, "{\"ping\":1}"));
    assertThat(hub.refusals()).isEmpty();
  }

  @Test
  @Tag("slow")
  void reportsAWrongKeyWithItsSetting() throws Exception {
    Map<String, String> settings = hub().register("hub-1").settings();
    hub.register("hub-1");
    assertThatThrownBy(() -> start(settings, "gateway-azure"))
        .hasMessageContaining(
            "refused: not authorized (azure.connection-string, and this device's clock)");
  }

  @Test
  void reportsAnExpiredFixedTokenWhenReconnecting() throws Exception {
    hub().register("hub-1");
    ConnectionString device =
        ConnectionStringTest.parse(hub.settings().get("AZURE_CONNECTION_STRING"));
    SasToken token =
        SasToken.sign(device.resource(), device.key().orElseThrow(), Instant.now().plusSeconds(5));
    Map<String, String> settings = new HashMap<>(hub.settings());
    settings.put(
        "AZURE_CONNECTION_STRING",
        "HostName=localhost;DeviceId=hub-1;SharedAccessSignature=" + token.text());
    start(settings, "gateway-azure");
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(uplink.lastError().orElse(""))
                    .isEqualTo(
                        "refused: no credential: azure.connection-string: its"
                            + " SharedAccessSignature expired at "
                            + token.expiry()
                            + "; replace it, or set SharedAccessKey=... so that tokens are renewed"
                            + " automatically"));
    assertThat(hub.refusals()).containsExactly("the token of hub-1 has expired");
  }

  @Test
  void port443UsesAWebSocket() throws Exception {
    Map<String, String> settings = new HashMap<>(hub().register("hub-1").settings());
    settings.put("AZURE_PORT", "443");
    ProducerTemplate bus = start(this::onTheHubsPort, settings, "gateway-azure");
    send(bus, "{}", "01J");
    assertThat(records(1)).hasSize(1);
  }

  /** A gateway configured as for port 443, but with the port of the stand-in. */
  private AzureGateway onTheHubsPort(GatewaySettings settings) {
    AzureSettings own = AzureSettings.read(settings);
    ConnectionSettings given = own.connection();
    assertThat(given.url().port()).isEqualTo(443);
    BrokerUrl url =
        new BrokerUrl(given.url().scheme(), given.url().host(), hub.port(), given.url().path());
    ConnectionSettings connection =
        new ConnectionSettings(
            url,
            given.clientId(),
            given.tls(),
            given.alpn(),
            given.cleanSession(),
            given.version(),
            given.names(),
            given.policy());
    return new AzureGateway(
        settings, new AzureSettings(connection, own.credentials(), own.topics()));
  }
}
