package routes.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A plain broker for any client. Each arriving message becomes a line of {@code messages.jsonl}:
 * its topic, its content type if it has one (MQTT 5), and the payload in base64.
 */
public final class SandboxMqtt extends SandboxBroker implements SandboxCloud {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final byte[] NONE = {};

  private final Path landed;
  private final Map<String, byte[]> inventories = new ConcurrentHashMap<>();
  private final CommandRequests requests = new CommandRequests("sandbox");

  /**
   * @param landed the folder of messages.jsonl
   */
  public SandboxMqtt(Path landed) {
    this.landed = landed;
  }

  @Override
  public String name() {
    return "mqtt";
  }

  @Override
  public String protocol() {
    return "any MQTT version, any user";
  }

  @Override
  public int usualPort() {
    return 1883;
  }

  /** The address instead of localhost, which a client may resolve to IPv6. */
  @Override
  public String url() {
    return super.url().replace("//localhost:", "//127.0.0.1:");
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "MQTT_URL",
        url(),
        "MQTT_COMMANDS",
        "cmd/{{device.id}}/+",
        "MQTT_DESIRED",
        "desired/{{device.id}}");
  }

  @Override
  protected void onPublished(Connect client, Arrived message) {
    ObjectNode line = JSON.createObjectNode();
    line.put("topic", message.topic());
    String contentType = message.property(MqttPropertyType.CONTENT_TYPE);
    if (contentType != null) {
      line.put("contentType", contentType);
    }
    line.put("payload", message.payload());
    try {
      Files.writeString(
          Files.createDirectories(landed).resolve("messages.jsonl"),
          line + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (message.retain()) {
      inventories.put(message.topic(), message.payload());
    }
    super.onPublished(client, message);
  }

  @Override
  protected void arrived(Arrived message) {
    requests.arrived(message);
    super.arrived(message);
  }

  /** As {@code mosquitto_rr} does it. */
  @Override
  public CompletableFuture<Reply> command(String device, String name, String payload) {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    if (clients().stream().noneMatch(id -> id.equals(device) || id.startsWith(device + "-"))) {
      reply.completeExceptionally(new IllegalStateException(device + " is not connected"));
      return reply;
    }
    String silence = device + " did not answer " + name + " within " + PATIENCE.toSeconds() + " s";
    schedule(PATIENCE, () -> reply.completeExceptionally(new IllegalStateException(silence)));
    publish(requests.request("cmd/" + device + "/" + name, payload, reply));
    return reply;
  }

  /** Any device may connect. */
  @Override
  public Map<String, String> admit(String device) {
    return settings();
  }

  /** The message that the topic devices/DEVICE/inventory retained. */
  @Override
  public JsonNode reported(String device) {
    try {
      return JSON.readTree(inventories.getOrDefault("devices/" + device + "/inventory", NONE));
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  /** As {@code mosquitto_pub -r} does it. */
  @Override
  public void desire(String device, String json) {
    byte[] payload = json.getBytes(StandardCharsets.UTF_8);
    publish(
        new Arrived(
            "sandbox", "desired/" + device, payload, 1, true, MqttProperties.NO_PROPERTIES));
  }
}
