package routes.sandbox.google;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.Certificates;
import routes.sandbox.Arrived;
import routes.sandbox.Connect;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxCloud;

/**
 * A stand-in for ClearBlade IoT Core: a registry of devices with an MQTT bridge, according to
 * ClearBlade's manual ("Using the MQTT bridge", "Requirements", "Quotas and limits", "Using JSON
 * web tokens"). What a device sends lands in {@code telemetry.jsonl} and {@code state.jsonl} as
 * Pub/Sub would deliver it.
 *
 * <p>The manual does not specify what happens to a state that comes too early or a message that is
 * too large; here both end the connection.
 */
public final class SandboxGoogle extends SandboxBroker implements SandboxCloud {
  public static final String PROJECT = "sandbox-project";
  public static final String REGION = "europe-west1";
  public static final String REGISTRY = "sandbox-registry";

  private static final Pattern CLIENT_ID =
      Pattern.compile(
          "projects/([^/]+)/locations/([^/]+)/registries/([^/]+)/devices/"
              + "([a-zA-Z][-a-zA-Z0-9._+~%]{2,254})");
  private static final int UNSUPPORTED_VERSION = 0x84;
  private static final int CLIENT_ID_NOT_VALID = 0x85;

  /** The return code of refusals for which MQTT 3.1.1 defines none. */
  private static final int OTHER = 0x13;

  private static final int MQTT_3_1_1 = 4;
  private static final int MOST_KEYS = 3;
  private static final int LARGEST_EVENT = 256 * 1024;
  private static final int LARGEST_STATE = 64 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The permitted error of a device's clock, and how long a connection outlives its token. */
  public volatile Duration skew = Duration.ofMinutes(10);

  /** The silence that ends a connection regardless of its keep-alive. */
  public volatile Duration idle = Duration.ofMinutes(20);

  /** The minimum time between two states of a device. */
  public volatile Duration statePause = Duration.ofSeconds(1);

  /** Why the last CONNECT was refused; null if none was. */
  public volatile String refusal;

  private final Certificates certificates;
  private final KeyPair keys = Certificates.ec();
  private final Path keyFile;
  private final Path caFile;
  private final PubsubFile telemetry;
  private final PubsubFile states;
  private final JwtCheck tokens = new JwtCheck(PROJECT);
  private final Map<String, IotCoreDevice> devices = new ConcurrentHashMap<>();
  private final Map<String, Queue<CompletableFuture<Reply>>> unanswered = new ConcurrentHashMap<>();

  /**
   * @param landed the folder for what devices send
   * @param certificates creates the server's certificate and writes the PEM files
   */
  public SandboxGoogle(Path landed, Certificates certificates) {
    telemetry = new PubsubFile(landed.resolve("telemetry.jsonl"));
    states = new PubsubFile(landed.resolve("state.jsonl"));
    keyFile = certificates.writePkcs8(keys.getPrivate());
    caFile = certificates.write(certificates.ca().certificate());
    this.certificates = certificates;
  }

  @Override
  public SandboxGoogle start(int port) {
    withTls(certificates.serverContext(certificates.server(host(), Certificates.ec())), false);
    super.start(port);
    return this;
  }

  @Override
  public String name() {
    return "google";
  }

  @Override
  public String protocol() {
    return "MQTT 3.1.1, JWT";
  }

  @Override
  public int usualPort() {
    return 8885;
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "GOOGLE_PROJECT",
        PROJECT,
        "GOOGLE_REGION",
        REGION,
        "GOOGLE_REGISTRY",
        REGISTRY,
        "GOOGLE_ENDPOINT",
        host() + ":" + port(),
        "GOOGLE_PRIVATE_KEY",
        keyFile.toString(),
        "GOOGLE_CA",
        caFile.toString());
  }

  @Override
  public Map<String, String> admit(String device) {
    return register(device).settings();
  }

  /** The device's newest state, unless it is not JSON. */
  @Override
  public JsonNode reported(String device) {
    try {
      return JSON.readTree(devices.get(device).state);
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  /** Registers a device with the key of {@link #settings()}. */
  public SandboxGoogle register(String device) {
    return register(device, keys.getPublic());
  }

  /**
   * Registers a device.
   *
   * @param publicKeys one to three
   */
  public SandboxGoogle register(String device, PublicKey... publicKeys) {
    if (publicKeys.length > MOST_KEYS) {
      throw new IllegalArgumentException("at most " + MOST_KEYS + " keys");
    }
    String number = String.valueOf(2_500_000_000_000_000L + devices.size());
    devices.put(device, new IotCoreDevice(device, number, List.of(publicKeys)));
    return this;
  }

  /** The device's MQTT client id. */
  public static String clientId(String device) {
    return "projects/"
        + PROJECT
        + "/locations/"
        + REGION
        + "/registries/"
        + REGISTRY
        + "/devices/"
        + device;
  }

  @Override
  protected void onAccept(Channel channel) {
    channel.pipeline().addFirst(new IdleStateHandler(idle.toMillis(), 0, 0, TimeUnit.MILLISECONDS));
  }

  @Override
  protected int onConnect(Connect connect) {
    if (connect.version() != MQTT_3_1_1) {
      return refuse(UNSUPPORTED_VERSION, "not MQTT 3.1.1");
    }
    Matcher id = CLIENT_ID.matcher(connect.clientId());
    if (!id.matches()) {
      return refuse(CLIENT_ID_NOT_VALID, "no client id of a device");
    }
    IotCoreDevice device = devices.get(id.group(4));
    if (device == null || !connect.clientId().equals(clientId(device.id))) {
      return refuse(NOT_AUTHORIZED, "no device of this registry");
    }
    try {
      device.end = tokens.end(connect.password().orElse(""), device.keys, skew);
      return SUCCESS;
    } catch (JwtCheck.Refused e) {
      return refuse(e.malformed ? BAD_USER_NAME_OR_PASSWORD : NOT_AUTHORIZED, e.getMessage());
    }
  }

  private int refuse(int reason, String why) {
    refusal = why;
    return refused(why, reason);
  }

  /** ClearBlade keeps no sessions. */
  @Override
  protected long sessionExpiry(Connect connect) {
    return 0;
  }

  /** ClearBlade sends no wills. */
  @Override
  protected void onWill(Connect client, Arrived will) {
    refused("a will of " + client.clientId() + ": IoT Core has no wills");
  }

  @Override
  protected int returnCode(int reason) {
    return reason == NOT_AUTHORIZED ? OTHER : super.returnCode(reason);
  }

  private IotCoreDevice device(Connect client) {
    return devices.get(client.clientId().substring(client.clientId().lastIndexOf('/') + 1));
  }

  @Override
  protected void onConnected(Connect connect) {
    IotCoreDevice device = device(connect);
    Duration left = Duration.between(Instant.now(), device.end.plus(skew));
    device.opened(connect, schedule(left, () -> kick(connect.clientId(), NOT_AUTHORIZED)));
  }

  @Override
  protected void onClosed(Connect client) {
    device(client).closed(client);
  }

  @Override
  protected int onPublish(Connect client, Arrived message) {
    IotCoreDevice device = device(client);
    String events = device.topic("events");
    if (message.qos() > 1) {
      return refused("a message with QoS 2", DISCONNECT);
    }
    if (message.topic().equals(device.topic("state"))) {
      return state(device, message.payload());
    }
    boolean subfolder = message.topic().startsWith(events + "/");
    if (!subfolder && !message.topic().equals(events)) {
      return refused("a message on " + message.topic(), DISCONNECT);
    }
    if (message.payload().length > LARGEST_EVENT) {
      return refused("a message of more than 256 KB", DISCONNECT);
    }
    Map<String, String> attributes = attributes(device);
    if (subfolder) {
      attributes.put("subFolder", message.topic().substring(events.length() + 1));
    }
    telemetry.append(message.payload(), attributes);
    if (message.topic().equals(device.topic("events/commands"))) {
      answered(device, message.payload());
    }
    return SUCCESS;
  }

  private int state(IotCoreDevice device, byte[] payload) {
    if (payload.length > LARGEST_STATE) {
      return refused("a state of more than 64 KB", DISCONNECT);
    }
    if (device.hurries(statePause.toNanos())) {
      return refused("a state less than " + statePause + " after the previous one", DISCONNECT);
    }
    states.append(payload, attributes(device));
    device.state = payload;
    return SUCCESS;
  }

  private static Map<String, String> attributes(IotCoreDevice device) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("deviceId", device.id);
    attributes.put("deviceNumId", device.number);
    attributes.put("deviceRegistryId", REGISTRY);
    attributes.put("deviceRegistryLocation", REGION);
    attributes.put("projectId", PROJECT);
    return attributes;
  }

  /** Not a broker: a device's messages reach no other device. */
  @Override
  protected void onPublished(Connect client, Arrived message) {}

  @Override
  protected int onSubscribe(Connect client, String filter, int qos) {
    IotCoreDevice device = device(client);
    boolean permitted =
        filter.equals(device.topic("config")) || filter.equals(device.topic("commands/#"));
    return permitted ? Math.min(qos, 1) : refused("the filter " + filter, DISCONNECT);
  }

  @Override
  protected void onSubscribed(Connect client, String filter) {
    IotCoreDevice device = device(client);
    device.subscribed(filter);
    if (filter.equals(device.topic("config"))) {
      send(device, "config", device.config);
    }
  }

  @Override
  protected void onUnsubscribed(Connect client, String filter) {
    device(client).unsubscribed(filter);
  }

  private void send(IotCoreDevice device, String below, byte[] payload) {
    publish(
        clientId(device.id),
        new Arrived("", device.topic(below), payload, 1, false, MqttProperties.NO_PROPERTIES));
  }

  /** Like sendCommandToDevice with {@code name} as its subfolder; empty for none. */
  @Override
  public CompletableFuture<Reply> command(String device, String name, String payload) {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    Queue<CompletableFuture<Reply>> queue =
        unanswered.computeIfAbsent(device + "/" + name, key -> new ConcurrentLinkedQueue<>());
    schedule(
        Duration.ZERO,
        () -> {
          IotCoreDevice known = devices.get(device);
          String below = name.isEmpty() ? "commands" : "commands/" + name;
          if (known == null || !known.hears(known.topic(below))) {
            fail(reply, "FAILED_PRECONDITION: " + device + " is not subscribed to commands");
            return;
          }
          queue.add(reply);
          send(known, below, payload.getBytes(StandardCharsets.UTF_8));
        });
    schedule(
        PATIENCE,
        () -> {
          queue.remove(reply);
          fail(
              reply, device + " did not answer " + name + " within " + PATIENCE.toSeconds() + " s");
        });
    return reply;
  }

  private static void fail(CompletableFuture<Reply> reply, String why) {
    reply.completeExceptionally(new IllegalStateException(why));
  }

  private void answered(IotCoreDevice device, byte[] payload) {
    try {
      JsonNode answer = JSON.readTree(payload);
      Queue<CompletableFuture<Reply>> queue =
          unanswered.get(device.id + "/" + answer.path("command").asText());
      CompletableFuture<Reply> oldest = queue == null ? null : queue.poll();
      if (oldest != null) {
        JsonNode reply = answer.path("reply");
        oldest.complete(
            new Reply(
                answer.path("status").asInt(), reply.isMissingNode() ? "" : reply.toString()));
      }
    } catch (IOException e) {
      // Telemetry of another device.
    }
  }

  /** Creates a new version of the device's config, like modifyCloudToDeviceConfig. */
  @Override
  public void desire(String device, String json) {
    IotCoreDevice known = devices.get(device);
    if (known == null) {
      throw new IllegalArgumentException("NOT_FOUND: no device " + device);
    }
    schedule(
        Duration.ZERO,
        () -> {
          known.config = json.getBytes(StandardCharsets.UTF_8);
          send(known, "config", known.config);
        });
  }
}
