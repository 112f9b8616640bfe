package routes.google;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import routes.link.MqttMessage;
import routes.uplink.Command;
import routes.uplink.Inbound;
import routes.uplink.Json;
import routes.uplink.Reply;

/**
 * Commands of the registry: {@code /devices/<device>/commands/<name>}, whose payload is passed on
 * unchanged, or {@code /devices/<device>/commands} with {@code {"command":"<name>","payload":...}}.
 *
 * <p>The protocol has no replies, so a reply is sent as telemetry: {@code
 * {"command":"ping","id":"7","status":200,"reply":...}}. It repeats the member {@code id} of the
 * command's payload, if present. {@code reply} is JSON, or a string if the reply is not JSON.
 */
record GoogleCommands(GoogleTopics topics) {
  private static final int TOO_LARGE = 413;

  /**
   * The command, with an empty name if the message has none; empty for a message on any other
   * topic.
   */
  Optional<Inbound> read(MqttMessage message) {
    String topic = message.topic();
    if (topic.startsWith(topics.commands() + "/")) {
      String name = topic.substring(topics.commands().length() + 1);
      return Optional.of(new Command(name, message.payload()));
    }
    if (topic.equals(topics.commands())) {
      JsonNode content = json(message);
      JsonNode inner = content.path("payload");
      return Optional.of(
          new Command(
              content.path("command").asText(),
              inner.isMissingNode() ? new byte[0] : Json.write(inner)));
    }
    return Optional.empty();
  }

  private static JsonNode json(MqttMessage message) {
    return Json.read(message.payload()).orElseGet(Json::object);
  }

  MqttMessage reply(MqttMessage request, Command command, Reply reply) {
    ObjectNode answer = Json.object().put("command", command.name());
    JsonNode id = json(request).path("id");
    if (id.isTextual() || id.isNumber()) {
      answer.put("id", id.asText());
    }
    answer.put("status", reply.status());
    if (reply.body().length > 0) {
      Json.read(reply.body())
          .ifPresentOrElse(
              json -> answer.set("reply", json),
              () -> answer.put("reply", new String(reply.body(), StandardCharsets.UTF_8)));
    }
    byte[] payload = Json.write(answer);
    if (payload.length > GoogleSettings.LARGEST_EVENT) {
      answer.put("status", TOO_LARGE);
      answer.put(
          "reply",
          payload.length + " bytes; at most " + GoogleSettings.LARGEST_EVENT + " can be sent");
      payload = Json.write(answer);
    }
    return new MqttMessage(topics.replies(), payload);
  }
}
