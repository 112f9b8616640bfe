package routes.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.function.Consumer;

/** Prints a line for each message that arrived at a cloud. */
final class SampleLines implements Consumer<Arrived> {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TOPIC = 40;

  private final String cloud;

  SampleLines(String cloud) {
    this.cloud = cloud;
  }

  static String now() {
    return TIME.format(LocalTime.now());
  }

  @Override
  public void accept(Arrived message) {
    // In one write: the runtime writes to the same console.
    System.out.println(
        "%s  %-6s  %s  %d bytes%s"
            .formatted(
                now(),
                cloud,
                shortened(message.topic()),
                message.payload().length,
                numbers(message)));
  }

  private static String shortened(String topic) {
    return topic.length() <= TOPIC ? topic : topic.substring(0, TOPIC - 3) + "...";
  }

  private static String numbers(Arrived message) {
    if (message.payload().length == 0) {
      return "";
    }
    JsonNode sample;
    try {
      sample = JSON.readTree(message.payload());
    } catch (IOException e) {
      return ", no JSON";
    }
    JsonNode system = sample.path("metrics").path("system");
    return system.isMissingNode()
        ? ""
        : "  cpu %.1f %%  memory %.1f %% used  id %s"
            .formatted(
                100 * system.path("cpu").path("utilization").asDouble(),
                100 * system.path("memory").path("utilization").path("used").asDouble(),
                sample.path("id").asText());
  }
}
