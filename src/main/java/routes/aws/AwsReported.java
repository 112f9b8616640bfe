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
 * Turns an inventory into the reported state of the thing's shadow: {@code
 * {"state":{"reported":{}}}}.
 *
 * <p>A shadow holds 8 KB, desired and reported state together. If an inventory is larger than 7 KB,
 * its largest members become null until it fits, which also removes them from the shadow.
 *
 * @param gateway the instance's name, for the log
 * @see <a
 *     href="https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-document.html">Device
 *     Shadow service documents</a>
 */
record AwsReported(String gateway, AwsTopics topics) {
  /** Identifies our own updates in the shadow's answers, which all users of the shadow receive. */
  static final String CLIENT_TOKEN = "clientToken";

  static final String TOKEN = "cloud-iot-routes-inventory";
  private static final int LARGEST = 7 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param body the inventory as JSON
   * @throws IOException if it is not a JSON object
   */
  MqttMessage message(byte[] body) throws IOException {
    if (!(JSON.readTree(body) instanceof ObjectNode inventory)) {
      throw new IOException("the inventory is not a JSON object");
    }
    List<String> dropped = new ArrayList<>();
    while (size(inventory) > LARGEST) {
      String largest = largest(inventory);
      inventory.putNull(largest);
      dropped.add(largest);
    }
    if (!dropped.isEmpty()) {
      LoggerFactory.getLogger("gateway-" + gateway + "-inventory")
          .warn("dropped {} from the inventory: the shadow is full", String.join(", ", dropped));
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
