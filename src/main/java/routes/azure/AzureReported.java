package routes.azure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import routes.link.MqttMessage;

/**
 * Turns a JSON object into a patch of the reported properties of the device's twin. The rules of
 * twins (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins):
 *
 * <ul>
 *   <li>A name has no control character, '.', '$' or blank. Each of them becomes '_'.
 *   <li>A string has at most 4 KB. Longer ones are cut.
 *   <li>An integer has at most 52 bits. Larger ones become strings.
 *   <li>All properties together have at most 32 KB.
 * </ul>
 */
final class AzureReported {
  private static final String NOT_IN_NAMES = "[\\p{Cntrl}\\x80-\\x9F.$ ]";
  // In characters of up to four bytes each.
  private static final int LONGEST_STRING = 1024;
  private static final long LARGEST_INTEGER = 4_503_599_627_370_495L;
  private static final int LARGEST_PATCH = 32 << 10;
  private static final ObjectMapper JSON = new ObjectMapper();

  private AzureReported() {}

  /**
   * @throws IllegalArgumentException if it is not a JSON object, or too large for a twin
   */
  static MqttMessage message(byte[] inventory) {
    byte[] patch = patch(inventory);
    if (patch.length > LARGEST_PATCH) {
      throw new IllegalArgumentException(
          "too large for a twin: " + patch.length + " bytes of at most " + LARGEST_PATCH);
    }
    return new MqttMessage(AzureTopics.REPORTED, patch);
  }

  private static byte[] patch(byte[] body) {
    try {
      if (JSON.readTree(body) instanceof ObjectNode object) {
        return JSON.writeValueAsBytes(legal(object));
      }
    } catch (IOException e) {
      // falls through to the one message
    }
    throw new IllegalArgumentException("the reported properties are not a JSON object");
  }

  private static JsonNode legal(JsonNode node) {
    if (node instanceof ObjectNode object) {
      ObjectNode legal = JSON.createObjectNode();
      object
          .properties()
          .forEach(
              field ->
                  legal.set(field.getKey().replaceAll(NOT_IN_NAMES, "_"), legal(field.getValue())));
      return legal;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode legal = JSON.createArrayNode();
      array.forEach(item -> legal.add(legal(item)));
      return legal;
    }
    if (node.isTextual() && node.textValue().length() > LONGEST_STRING) {
      return TextNode.valueOf(node.textValue().substring(0, LONGEST_STRING));
    }
    if (node.isIntegralNumber()
        && (!node.canConvertToLong() || Math.abs(node.longValue()) > LARGEST_INTEGER)) {
      return TextNode.valueOf(node.asText());
    }
    return node;
  }
}
