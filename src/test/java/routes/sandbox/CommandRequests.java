package routes.sandbox;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import routes.sandbox.SandboxCloud.Reply;

/** MQTT 5 requests (4.10) that wait for replies with their correlation data. */
public final class CommandRequests {
  private record Waiting(String responseTopic, CompletableFuture<Reply> reply) {}

  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();
  private final String sender;

  /**
   * @param sender the client id that the requests have
   */
  public CommandRequests(String sender) {
    this.sender = sender;
  }

  /** The message of a request whose reply is expected on {@code <topic>/reply}. */
  public Arrived request(String topic, String payload, CompletableFuture<Reply> reply) {
    String responseTopic = topic + "/reply";
    String correlation = UUID.randomUUID().toString();
    waiting.put(correlation, new Waiting(responseTopic, reply));
    reply.whenComplete((done, failed) -> waiting.remove(correlation));
    MqttProperties properties = new MqttProperties();
    properties.add(new StringProperty(MqttPropertyType.RESPONSE_TOPIC.value(), responseTopic));
    properties.add(
        new BinaryProperty(
            MqttPropertyType.CORRELATION_DATA.value(),
            correlation.getBytes(StandardCharsets.UTF_8)));
    return new Arrived(
        sender, topic, payload.getBytes(StandardCharsets.UTF_8), 1, false, properties);
  }

  /** Completes the request that this message replies to, if any, with the reply's status or 200. */
  public void arrived(Arrived message) {
    if (!(message.properties().getProperty(MqttPropertyType.CORRELATION_DATA.value())
        instanceof BinaryProperty correlation)) {
      return;
    }
    Waiting request = waiting.get(new String(correlation.value(), StandardCharsets.UTF_8));
    if (request != null && request.responseTopic().equals(message.topic())) {
      String status = message.userProperties().getOrDefault("status", "200");
      if (status.matches("\\d{3}")) {
        request.reply().complete(new Reply(Integer.parseInt(status), message.text()));
      } else {
        request
            .reply()
            .completeExceptionally(new IllegalStateException("no status: \"" + status + "\""));
      }
    }
  }
}
