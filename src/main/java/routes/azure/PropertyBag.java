package routes.azure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The properties of a message, at the end of its topic: {@code $.mid=1&site=berlin}
 * (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub).
 */
final class PropertyBag {
  private final StringJoiner pairs = new StringJoiner("&");

  /** Adds one of the hub's own properties, such as $.mid, unless the value is null. */
  PropertyBag system(String name, String value) {
    if (value != null) {
      pairs.add(name + "=" + Percent.encode(value));
    }
    return this;
  }

  /** Adds an application property. */
  PropertyBag application(String name, String value) {
    pairs.add(Percent.encode(name) + "=" + Percent.encode(value));
    return this;
  }

  @Override
  public String toString() {
    return pairs.toString();
  }

  /**
   * Returns the decoded names and values; a name without a value gets an empty one.
   *
   * @throws IllegalArgumentException for a % without two hexadecimal digits
   */
  static Map<String, String> parse(String text) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (String pair : text.split("&")) {
      if (!pair.isEmpty()) {
        String[] halves = pair.split("=", 2);
        properties.put(
            Percent.decode(halves[0]), halves.length == 2 ? Percent.decode(halves[1]) : "");
      }
    }
    return properties;
  }
}
