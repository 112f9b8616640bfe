package routes.sandbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A plain broker for any client. Each message that arrives is a line of {@code messages.jsonl}: its
 * topic, its content type if MQTT 5 has one, and the payload in base64.
 */
public final class SandboxMqtt extends SandboxBroker implements SandboxCloud {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path landed;

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
    return "any MQTT, any user";
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
    return Map.of("MQTT_URL", url());
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
    super.onPublished(client, message);
  }

  @Override
  public boolean commands() {
    return false;
  }

  @Override
  public CompletableFuture<Reply> command(String device, String name, String payload) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("mqtt: no commands"));
  }

  @Override
  public void desire(String device, String json) {
    throw new UnsupportedOperationException("mqtt: no desired state");
  }
}
