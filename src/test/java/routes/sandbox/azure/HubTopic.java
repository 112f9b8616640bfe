package routes.sandbox.azure;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A topic that a device publishes to at Azure IoT Hub
 * (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub).
 *
 * @param requestId of twin requests and method responses; otherwise empty
 * @param status of a method response; otherwise 0
 * @param properties of telemetry, decoded; those of the hub begin with $.
 */
record HubTopic(Kind kind, String requestId, int status, Map<String, String> properties) {
  enum Kind {
    TELEMETRY,
    TWIN_GET,
    TWIN_REPORTED,
    METHOD_ANSWER,
    UNKNOWN
  }

  static final String METHODS = "$iothub/methods/POST/";
  static final String DESIRED = "$iothub/twin/PATCH/properties/desired/";
  static final String TWIN_ANSWERS = "$iothub/twin/res/";

  private static final HubTopic UNKNOWN = new HubTopic(Kind.UNKNOWN, "", 0, Map.of());
  private static final Pattern GET = Pattern.compile("\\$iothub/twin/GET/\\?\\$rid=([^&/]+)");
  private static final Pattern REPORTED =
      Pattern.compile("\\$iothub/twin/PATCH/properties/reported/\\?\\$rid=([^&/]+)");
  private static final Pattern ANSWER =
      Pattern.compile("\\$iothub/methods/res/(-?\\d{1,9})/\\?\\$rid=([^&/]+)");

  static HubTopic of(String topic, AzureDevice device) {
    String events = device.path() + "/messages/events/";
    if (topic.startsWith(events)) {
      try {
        return new HubTopic(Kind.TELEMETRY, "", 0, bag(topic.substring(events.length())));
      } catch (IllegalArgumentException e) {
        return UNKNOWN;
      }
    }
    Matcher get = GET.matcher(topic);
    if (get.matches()) {
      return new HubTopic(Kind.TWIN_GET, get.group(1), 0, Map.of());
    }
    Matcher reported = REPORTED.matcher(topic);
    if (reported.matches()) {
      return new HubTopic(Kind.TWIN_REPORTED, reported.group(1), 0, Map.of());
    }
    Matcher answer = ANSWER.matcher(topic);
    if (answer.matches()) {
      int status = Integer.parseInt(answer.group(1));
      return new HubTopic(Kind.METHOD_ANSWER, answer.group(2), status, Map.of());
    }
    return UNKNOWN;
  }

  private static Map<String, String> bag(String text) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (String pair : text.split("&")) {
      if (!pair.isEmpty()) {
        String[] halves = pair.split("=", 2);
        properties.put(decode(halves[0]), halves.length < 2 ? "" : decode(halves[1]));
      }
    }
    return properties;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  static String messages(AzureDevice device) {
    return device.path() + "/messages/devicebound/";
  }

  /** The only filters that the hub knows. */
  static List<String> filters(AzureDevice device) {
    return device.module()
        ? List.of(METHODS + "#", DESIRED + "#", TWIN_ANSWERS + "#")
        : List.of(messages(device) + "#", METHODS + "#", DESIRED + "#", TWIN_ANSWERS + "#");
  }
}
