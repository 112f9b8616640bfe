package routes.azure;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.Message;
import org.apache.camel.component.paho.PahoConstants;
import routes.commands.Commands;

/**
 * Makes the reply to a command the answer that the hub takes: a topic with the status in it, and
 * JSON of at most 128 KB. A command that wants no answer gets no topic.
 */
public final class AzureAnswer {
  static final String STATUS = Commands.STATUS;

  private static final String TOPIC = "azureAnswer";
  private static final int LARGEST = 128 << 10;
  private static final int TOO_LARGE = 413;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectReader WHOLE =
      JSON.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Before the command runs: where its answer goes, by its status. */
  static void goesTo(Exchange exchange, IntFunction<String> topic) {
    exchange.setProperty(TOPIC, topic);
  }

  @Handler
  public void set(Exchange exchange) throws IOException {
    Message message = exchange.getMessage();
    if (!(exchange.getProperty(TOPIC) instanceof IntFunction<?> topic)) {
      message.removeHeader(PahoConstants.CAMEL_PAHO_OVERRIDE_TOPIC);
      return;
    }
    int status = message.getHeader(STATUS, 500, Integer.class);
    byte[] reply = message.getBody(byte[].class);
    if (reply != null && reply.length > LARGEST) {
      status = TOO_LARGE;
      reply = tooLarge(reply.length);
    }
    message.setBody(json(reply == null ? new byte[0] : reply));
    message.setHeader(PahoConstants.CAMEL_PAHO_OVERRIDE_TOPIC, topic.apply(status));
  }

  private static byte[] tooLarge(int size) throws IOException {
    String line = "the reply is " + size + " bytes, the hub takes " + LARGEST;
    return JSON.writeValueAsBytes(
        JSON.createObjectNode().put("status", TOO_LARGE).put("error", line));
  }

  /** What is no JSON becomes a JSON string, nothing becomes null. */
  private static byte[] json(byte[] reply) throws IOException {
    if (reply.length == 0) {
      return "null".getBytes(StandardCharsets.UTF_8);
    }
    try {
      WHOLE.readTree(reply);
      return reply;
    } catch (IOException e) {
      return JSON.writeValueAsBytes(new String(reply, StandardCharsets.UTF_8));
    }
  }
}
