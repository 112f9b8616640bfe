package routes.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;
import routes.link.MqttMessage;

/**
 * Makes an inventory the reported state of the thing's shadow: {@code {"state":{"reported":{}}}}.
 *
 * <p>A shadow holds 8 KB, desired and reported state together. Of an inventory that takes more than
 * 7 KB the largest members become null, which removes them from the shadow too, until it fits.
 *
 * @param gateway name of the instance, for the log
 * @see <a
 *     href="https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-document.html">Device
 *     Shadow service documents</a>
 */
record AwsReported(String gateway, AwsTopics topics) {
  /** Comes back with the shadow's answer, which others who use the shadow get too. */
  static final String CLIENT_TOKEN = "clientToken";

  static final String TOKEN = "cloud-iot-routes-inventory";
  private static final int LARGEST = 7 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param body the inventory as JSON
   * @throws IOException when it is none
   */
  MqttMessage message(byte[] body) throws IOException {
    if (!(JSON.readTree(body) instanceof ObjectNode inventory)) {
      throw new IOException("the inventory is no JSON object");
    }
    List<String> dropped = new ArrayList<>();
    while (size(inventory) > LARGEST) {
      String largest = largest(inventory);
      inventory.putNull(largest);
      dropped.add(largest);
    }
    if (!dropped.isEmpty()) {
      LoggerFactory.getLogger("gateway-" + gateway + "-inventory")
          .warn("the shadow has no room for the inventory's {}", String.join(", ", dropped));
    }
    ObjectNode update = JSON.createObjectNode();
    update.putObject("state").set("reported", inventory);
    update.put(CLIENT_TOKEN, TOKEN);
    return new MqttMessage(topics.update(), JSON.writeValueAsBytes(update));
  }

  private static String largest(ObjectNode inventory) {
    return inventory.properties().stream()
        .max(Comparator.comparingInt(member -> size(member.getValue())))
        .map(Map.Entry::getKey)
        .orElseThrow();
  }

  private static int size(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node).length;
    } catch (IOException e) {
      throw new IllegalStateException("what was read can be written", e);
    }
  }
}
