package routes.sandbox.azure;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import routes.Certificates;
import routes.sandbox.Arrived;
import routes.sandbox.Connect;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxCloud;
import routes.sandbox.WebSocketOrMqtt;

/**
 * A stand-in for Azure IoT Hub (the classic one, MQTT 3.1.1) that refuses what the hub refuses
 * (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub), and routes telemetry to JSON files.
 * MQTT and MQTT in a WebSocket share its one port. Its name, by default localhost, is in its
 * devices' connection strings.
 *
 * <p>Unlike the hub, it sends a cloud-to-device message only once and does not throttle.
 */
public final class SandboxAzure extends SandboxBroker implements SandboxCloud {
  private static final String WEB_SOCKET = "/$iothub/websocket";
  private static final int UNSUPPORTED_VERSION = 0x84;
  private static final int MQTT_3_1_1 = 4;

  private final Map<String, AzureDevice> devices =
      Collections.synchronizedMap(new LinkedHashMap<>());
  private final AtomicInteger connects = new AtomicInteger();
  private final DirectMethods methods = new DirectMethods(this::schedule);
  private final BlobFiles files;
  private final Certificates certificates;
  private final Path ca;
  private Duration batchTime = Duration.ofSeconds(5);
  private Duration methodTimeout = Duration.ofSeconds(30);
  private volatile boolean withholdsPubacks;
  private SandboxDps provisioning;
  private Map<String, String> views = Map.of();

  /**
   * @param landed the folder in place of the storage container
   * @param certificates whose CA signs the server's certificate
   */
  public SandboxAzure(Path landed, Certificates certificates) {
    files = new BlobFiles(landed, "sandbox");
    ca = certificates.write(certificates.ca().certificate());
    this.certificates = certificates;
  }

  /** How long a record waits for others before they are written; the hub's minimum is a minute. */
  public SandboxAzure withBatchTime(Duration time) {
    batchTime = time;
    return this;
  }

  /** How long a direct method waits for its response. */
  public SandboxAzure withMethodTimeout(Duration timeout) {
    methodTimeout = timeout;
    return this;
  }

  @Override
  public SandboxAzure start(int port) {
    Certificates.Identity server =
        certificates.server(List.of(host(), "127.0.0.1"), Certificates.ec());
    withTls(Certificates.serverContext(server, new AnyCertificate()), false);
    super.start(port);
    return this;
  }

  /** With ./run, new devices can be provisioned too. */
  @Override
  public void open(String host, int port, Consumer<Arrived> listener) {
    super.open(host, port, listener);
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    String group = Base64.getEncoder().encodeToString(key);
    provisioning = new SandboxDps(this, certificates);
    provisioning.enrollGroup(group);
    provisioning.at(host).start(0);
    views =
        Map.of(
            "AZURE_DPS_ID_SCOPE",
            SandboxDps.ID_SCOPE,
            "AZURE_DPS_HOST",
            host + ":" + provisioning.port(),
            "AZURE_DPS_GROUP_KEY",
            group);
  }

  @Override
  public Map<String, String> views() {
    return views;
  }

  @Override
  public String name() {
    return "azure";
  }

  @Override
  public String protocol() {
    return "MQTT 3.1.1, SAS token";
  }

  @Override
  public int usualPort() {
    return 8883;
  }

  /**
   * Registers a device with a generated key.
   *
   * @param id a device id, or device/module
   */
  public SandboxAzure register(String id) {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return register(id, Base64.getEncoder().encodeToString(key));
  }

  /**
   * @param key base64
   */
  public SandboxAzure register(String id, String key) {
    devices.put(id, new AzureDevice(id, Base64.getDecoder().decode(key), Set.of()));
    return this;
  }

  @Override
  public Map<String, String> admit(String device) {
    return register(device).settings(device);
  }

  /** Registers a device with a certificate's SHA-1 or SHA-256, hexadecimal without colons. */
  public SandboxAzure registerThumbprint(String id, String... thumbprints) {
    devices.put(id, new AzureDevice(id, null, Set.of(thumbprints)));
    return this;
  }

  /** Disables the device and ends its connection. */
  public void disable(String id) {
    devices.get(id).enabled = false;
    // On the broker's thread, because a client may have its CONNACK before the broker has its
    // session.
    schedule(Duration.ZERO, () -> kick(id, NOT_AUTHORIZED));
  }

  /** Accepts messages but acknowledges none. */
  public void withholdPubacks(boolean withhold) {
    withholdsPubacks = withhold;
  }

  /** The settings of the first registered device. */
  @Override
  public Map<String, String> settings() {
    return settings(devices.keySet().iterator().next());
  }

  public Map<String, String> settings(String id) {
    String[] ids = id.split("/");
    return Map.of(
        "AZURE_CONNECTION_STRING",
        "HostName="
            + host()
            + ";DeviceId="
            + ids[0]
            + (ids.length > 1 ? ";ModuleId=" + ids[1] : "")
            + ";"
            + devices.get(id).credential(),
        "AZURE_PORT",
        String.valueOf(port()),
        "AZURE_CA",
        ca.toString());
  }

  /** The number of connections so far. */
  public int connects() {
    return connects.get();
  }

  /** The form in which a certificate is registered: upper case, without colons. */
  public static String thumbprint(X509Certificate certificate, String algorithm) {
    return AzureDevice.thumbprint(certificate, algorithm);
  }

  @Override
  protected boolean asksForCertificate() {
    return true;
  }

  @Override
  protected void onAccept(Channel channel) {
    channel.pipeline().addAfter("tls", null, new WebSocketOrMqtt(this, WEB_SOCKET));
  }

  @Override
  protected int onConnect(Connect connect) {
    if (connect.version() != MQTT_3_1_1) {
      return refused("protocol level " + connect.version() + " is not 3.1.1", UNSUPPORTED_VERSION);
    }
    return HubRules.connect(host(), connect, devices)
        .map(why -> refused(why, NOT_AUTHORIZED))
        .orElse(SUCCESS);
  }

  private AzureDevice device(Connect client) {
    return devices.get(client.clientId());
  }

  @Override
  protected void onConnected(Connect connect) {
    AzureDevice device = device(connect);
    AzureDevice.Connection connection = new AzureDevice.Connection(connect);
    connection.filters.addAll(subscriptions(connect));
    connects.incrementAndGet();
    device.connection = connection;
    deliver(device);
    if (device.hasKey()) {
      Instant expiry = SasCheck.of(connect.password().orElseThrow()).expiry();
      schedule(
          Duration.between(Instant.now(), expiry),
          () -> {
            if (device.connection == connection) {
              refused("the token of " + device.id + " has expired", 0);
              kick(device.id, NOT_AUTHORIZED);
            }
          });
    }
  }

  @Override
  protected void onClosed(Connect client) {
    AzureDevice device = device(client);
    if (device.connection != null && device.connection.connect == client) {
      device.connection = null;
    }
  }

  @Override
  protected int onPublish(Connect client, Arrived message) {
    Optional<String> refusal = HubRules.publish(device(client), message);
    if (refusal.isPresent()) {
      return refused(refusal.get(), DISCONNECT);
    }
    if (withholdsPubacks) {
      onPublished(client, message);
      return SILENCE;
    }
    return SUCCESS;
  }

  /** Records a will as telemetry with a special property. */
  @Override
  protected void onWill(Connect client, Arrived will) {
    arrived(will);
    Map<String, String> properties = new LinkedHashMap<>();
    AzureDevice device = device(client);
    properties.putAll(HubTopic.of(will.topic(), device).properties());
    properties.put("iothub-MessageType", "Will");
    land(device, properties, will);
  }

  private void land(AzureDevice device, Map<String, String> properties, Arrived message) {
    if (files.add(device.id, TelemetryRecord.of(device, properties, message).toString())) {
      schedule(batchTime, files::write);
    }
  }

  /** Forwards nothing, because devices do not receive each other's messages. */
  @Override
  protected void onPublished(Connect client, Arrived message) {
    AzureDevice device = device(client);
    HubTopic topic = HubTopic.of(message.topic(), device);
    switch (topic.kind()) {
      case TELEMETRY -> land(device, topic.properties(), message);
      case TWIN_GET, TWIN_REPORTED -> publish(device.id, TwinAnswer.to(topic, device, message));
      case METHOD_ANSWER -> methods.answered(topic, message);
      default -> throw new IllegalStateException(message.topic());
    }
  }

  @Override
  protected int onSubscribe(Connect client, List<String> filters) {
    Optional<String> refusal = HubRules.subscribe(device(client), filters);
    if (refusal.isPresent()) {
      return refused(refusal.get(), DISCONNECT);
    }
    // Before the SUBACK, because after it a client may expect messages.
    device(client).connection.filters.addAll(filters);
    return SUCCESS;
  }

  @Override
  protected void onSubscribed(Connect client, String filter) {
    deliver(device(client));
  }

  @Override
  protected void onUnsubscribed(Connect client, String filter) {
    device(client).connection.filters.remove(filter);
  }

  /** The reported properties in the device twin. */
  @Override
  public ObjectNode reported(String device) {
    return devices.get(device).twin.reported();
  }

  @Override
  public void desire(String device, String json) {
    AzureDevice known = devices.get(device);
    ObjectNode patch = known.twin.desire(json.getBytes(StandardCharsets.UTF_8));
    if (known.listens(HubTopic.DESIRED)) {
      String topic = HubTopic.DESIRED + "?$version=" + patch.get("$version").asLong();
      publish(device, Sent.message(topic, patch.toString().getBytes(StandardCharsets.UTF_8)));
    }
  }

  /** Calls a direct method. */
  @Override
  public CompletableFuture<Reply> command(String device, String name, String payload) {
    AzureDevice known = devices.get(device);
    return methods.call(
        device,
        name,
        payload.getBytes(StandardCharsets.UTF_8),
        methodTimeout,
        message -> known != null && known.listens(HubTopic.METHODS) && publish(device, message));
  }

  /**
   * Sends a cloud-to-device message, which waits while the device is disconnected.
   *
   * @param properties those of the hub begin with $.
   * @throws IllegalStateException when it is too large, or too many wait already
   */
  public void send(String device, Map<String, String> properties, byte[] payload) {
    devices.get(device).messages.add(properties, payload);
    deliver(devices.get(device));
  }

  private void deliver(AzureDevice device) {
    if (device.listens(HubTopic.messages(device))) {
      device.messages.sendTo(message -> publish(device.id, message));
    }
  }

  /** Also writes the pending batch. */
  @Override
  public void close() {
    if (provisioning != null) {
      provisioning.close();
    }
    super.close();
    files.write();
  }
}
