package routes.sandbox.azure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A device twin: desired and reported properties, each with a version and changed by merging.
 * Follows the hub's rules (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins).
 */
final class Twin {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DEEPEST = 10;
  private static final int LONGEST_NAME = 1 << 10;
  private static final int LONGEST_STRING = 4 << 10;
  private static final int LARGEST_SECTION = 32 << 10;
  private static final long LARGEST_INTEGER = 4_503_599_627_370_495L;

  private ObjectNode desired = JSON.createObjectNode();
  private ObjectNode reported = JSON.createObjectNode();
  private long desiredVersion = 1;
  private long reportedVersion = 1;

  /** Both sections with their $version, as a device receives them. */
  synchronized byte[] document() {
    ObjectNode twin = JSON.createObjectNode();
    twin.set("desired", desired.deepCopy().put("$version", desiredVersion));
    twin.set("reported", reported.deepCopy().put("$version", reportedVersion));
    return twin.toString().getBytes(StandardCharsets.UTF_8);
  }

  synchronized ObjectNode reported() {
    return reported.deepCopy();
  }

  /**
   * @return the new version
   * @throws IllegalArgumentException for what the hub answers 400
   */
  synchronized long report(byte[] patch) {
    reported = merged(reported, patch);
    return ++reportedVersion;
  }

  /**
   * @return the patch with the new $version, as a device receives it
   * @throws IllegalArgumentException for what the hub answers 400
   */
  synchronized ObjectNode desire(byte[] patch) {
    desired = merged(desired, patch);
    return object(patch).put("$version", ++desiredVersion);
  }

  private static ObjectNode merged(ObjectNode section, byte[] patch) {
    ObjectNode change = object(patch);
    check(change, 0);
    ObjectNode merged = section.deepCopy();
    merge(merged, change);
    if (size(merged) > LARGEST_SECTION) {
      throw new IllegalArgumentException("a section of more than 32 KB");
    }
    return merged;
  }

  private static ObjectNode object(byte[] json) {
    try {
      if (JSON.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      // falls through to the one message
    }
    throw new IllegalArgumentException("properties that are not a JSON object");
  }

  private static void merge(ObjectNode target, ObjectNode change) {
    change
        .properties()
        .forEach(
            field -> {
              String name = field.getKey();
              if (field.getValue().isNull()) {
                target.remove(name);
              } else if (field.getValue() instanceof ObjectNode inner) {
                ObjectNode into = target.get(name) instanceof ObjectNode old ? old : null;
                merge(into == null ? target.putObject(name) : into, inner);
              } else {
                target.set(name, field.getValue());
              }
            });
  }

  private static void check(JsonNode node, int depth) {
    if (depth > DEEPEST) {
      throw new IllegalArgumentException("properties of more than 10 levels");
    }
    node.properties()
        .forEach(
            field -> {
              String name = field.getKey();
              if (name.matches("(?s).*[\\p{Cntrl}\\x80-\\x9F.$ ].*")
                  || bytes(name) > LONGEST_NAME) {
                throw new IllegalArgumentException("the property name \"" + name + "\"");
              }
            });
    if (node.isTextual() && bytes(node.textValue()) > LONGEST_STRING) {
      throw new IllegalArgumentException("a string of more than 4 KB");
    }
    if (node.isIntegralNumber()
        && (!node.canConvertToLong()
            || node.longValue() > LARGEST_INTEGER
            || node.longValue() < -LARGEST_INTEGER - 1)) {
      throw new IllegalArgumentException("an integer of more than 52 bits");
    }
    node.forEach(inner -> check(inner, inner.isContainerNode() ? depth + 1 : depth));
  }

  /** Names and strings count their bytes, numbers 8 and booleans 4. */
  private static int size(JsonNode node) {
    int size = node.isTextual() ? bytes(node.textValue()) : 0;
    size += node.isNumber() ? 8 : 0;
    size += node.isBoolean() ? 4 : 0;
    for (JsonNode inner : node) {
      size += size(inner);
    }
    for (var field : node.properties()) {
      size += bytes(field.getKey());
    }
    return size;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
