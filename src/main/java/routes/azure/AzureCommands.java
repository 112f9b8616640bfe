package routes.azure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import routes.link.MalformedMessageException;
import routes.link.MqttMessage;
import routes.uplink.Command;
import routes.uplink.Inbound;
import routes.uplink.Json;
import routes.uplink.Reply;

/**
 * Direct methods, and cloud-to-device messages with an application property {@code command}. The
 * answer to a method goes to the method's own topic. The answer to a message goes out as telemetry,
 * if the message has a correlation id or a message id. An answer is JSON of at most 128 KB.
 */
record AzureCommands(AzureTopics topics) {
  private static final String REQUEST_ID = "/?$rid=";
  private static final int LARGEST = 128 << 10;
  private static final int TOO_LARGE = 413;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The command; empty for a message on any other topic. */
  Optional<Inbound> read(MqttMessage message) {
    String topic = message.topic();
    if (topic.startsWith(AzureTopics.METHODS)) {
      return Optional.of(new Command(method(topic)[0], message.payload(), true, false));
    }
    if (topic.startsWith(topics.messages())) {
      Map<String, String> properties = properties(topic);
      String command = properties.get("command");
      if (command == null) {
        throw new MalformedMessageException(
            "a cloud-to-device message without the application property command");
      }
      return Optional.of(
          new Command(command, message.payload(), false, properties.containsKey("$.mid")));
    }
    return Optional.empty();
  }

  /** Name and request id of {@code <name>/?$rid=<request id>}. */
  private static String[] method(String topic) {
    String rest = topic.substring(AzureTopics.METHODS.length());
    int end = rest.indexOf(REQUEST_ID);
    if (end < 0) {
      throw new MalformedMessageException("a malformed message on " + topic);
    }
    return new String[] {rest.substring(0, end), rest.substring(end + REQUEST_ID.length())};
  }

  private Map<String, String> properties(String topic) {
    try {
      return PropertyBag.parse(topic.substring(topics.messages().length()));
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("a malformed message on " + topic);
    }
  }

  Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply) {
    byte[] body = json(reply.body());
    Reply sent = body.length > LARGEST ? tooLarge(body.length) : new Reply(reply.status(), body);
    return topic(request.topic(), sent.status()).map(topic -> new MqttMessage(topic, sent.body()));
  }

  private Optional<String> topic(String request, int status) {
    if (request.startsWith(AzureTopics.METHODS)) {
      return Optional.of(AzureTopics.methodAnswer(method(request)[1], status));
    }
    Map<String, String> properties = properties(request);
    String id = properties.getOrDefault("$.cid", properties.get("$.mid"));
    return Optional.ofNullable(id)
        .map(wanted -> topics.answer(wanted, properties.get("command"), status));
  }

  private static Reply tooLarge(int size) {
    return Reply.refusal(TOO_LARGE, "the reply has " + size + " bytes; the hub accepts " + LARGEST);
  }

  /** Text that is not JSON becomes a JSON string; an empty reply becomes null. */
  private static byte[] json(byte[] reply) {
    if (reply.length == 0) {
      return "null".getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Json.isJson(reply)
          ? reply
          : JSON.writeValueAsBytes(new String(reply, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("every string is a JSON string", e);
    }
  }
}
