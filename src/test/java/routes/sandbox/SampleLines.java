package routes.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Prints one line per message that arrived at a cloud: a sample's numbers, or the payload. */
final class SampleLines implements Consumer<Arrived> {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TOPIC = 40;
  private static final int SHOWN = 60;

  private final String cloud;

  SampleLines(String cloud) {
    this.cloud = cloud;
  }

  static String now() {
    return TIME.format(LocalTime.now());
  }

  @Override
  public void accept(Arrived message) {
    // In one write, since the runtime writes to the same console.
    System.out.println(
        "%s  %-6s  %s  %d bytes%s"
            .formatted(
                now(),
                cloud,
                shortened(message.topic(), TOPIC),
                message.payload().length,
                content(message)));
  }

  private static String shortened(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 3) + "...";
  }

  private static String content(Arrived message) {
    if (message.payload().length == 0) {
      return "";
    }
    JsonNode sample;
    try {
      sample = JSON.readTree(message.payload());
    } catch (IOException e) {
      sample = MissingNode.getInstance();
    }
    JsonNode system = sample.path("metrics").path("system");
    return system.isMissingNode()
        ? "  " + shortened(printable(message.payload()), SHOWN)
        : "  cpu %.1f %%  memory %.1f %% used  id %s"
            .formatted(
                100 * system.path("cpu").path("utilization").asDouble(),
                100 * system.path("memory").path("utilization").path("used").asDouble(),
                sample.path("id").asText());
  }

  /** The text, or hexadecimal digits if it is not text or contains control characters. */
  private static String printable(byte[] payload) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
      return text.chars().noneMatch(Character::isISOControl) ? text : hex(payload);
    } catch (CharacterCodingException e) {
      return hex(payload);
    }
  }

  private static String hex(byte[] payload) {
    return "hex " + HexFormat.of().formatHex(payload);
  }
}
