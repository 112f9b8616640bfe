package routes.google;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.Message;
import routes.commands.Commands;

/**
 * Makes a command's reply a telemetry message, as the protocol has no other way back: {@code
 * {"command":"ping","id":"7","status":200,"reply":...}}. {@code id} is there if the command had
 * one, {@code reply} if there is one: as JSON, or as a string when it is none.
 */
public final class CommandReply {
  private static final String STATUS = Commands.STATUS;
  private static final int TOO_LARGE = 413;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @Handler
  public void write(Exchange exchange) throws JsonProcessingException {
    Message message = exchange.getMessage();
    ObjectNode answer = JSON.createObjectNode();
    answer.put("command", message.getHeader(InboundMessage.NAME, String.class));
    String id = message.getHeader(InboundMessage.ID, String.class);
    if (id != null) {
      answer.put("id", id);
    }
    answer.put("status", message.getHeader(STATUS, Integer.class));
    byte[] reply = message.getBody(byte[].class);
    if (reply != null && reply.length > 0) {
      putReply(answer, reply);
    }
    byte[] payload = JSON.writeValueAsBytes(answer);
    if (payload.length > GoogleSettings.LARGEST_EVENT) {
      answer.put("status", TOO_LARGE);
      answer.put(
          "reply", payload.length + " bytes: at most " + GoogleSettings.LARGEST_EVENT + " can go");
      payload = JSON.writeValueAsBytes(answer);
    }
    message.setBody(payload);
  }

  private static void putReply(ObjectNode answer, byte[] reply) {
    try {
      answer.set("reply", JSON.readTree(reply));
    } catch (IOException e) {
      answer.put("reply", new String(reply, StandardCharsets.UTF_8));
    }
  }
}
