package routes.azure;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The topics of one device or module at the hub
 * (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub).
 */
public final class AzureTopics {
  static final String METHODS = "$iothub/methods/POST/";
  static final String DESIRED = "$iothub/twin/PATCH/properties/desired/";
  static final String TWIN_ANSWERS = "$iothub/twin/res/";

  /** Where reported properties go. */
  static final String REPORTED = "$iothub/twin/PATCH/properties/reported/?$rid=reported";

  /** The request id of the twin that is asked for after each connect. */
  static final String TWIN_REQUEST = "desired";

  static final Map<String, String> GREETINGS =
      Map.of(TWIN_ANSWERS + "#", "$iothub/twin/GET/?$rid=" + TWIN_REQUEST);

  private static final int LARGEST_MESSAGE = 256 << 10;
  private static final int LONGEST_MESSAGE_ID = 128;

  private final String prefix;
  private final boolean module;
  private final Map<String, String> labels;

  AzureTopics(ConnectionString device, Map<String, String> labels) {
    this.prefix =
        "devices/"
            + device.deviceId()
            + device.moduleId().map(id -> "/modules/" + id).orElse("")
            + "/messages/";
    this.module = device.moduleId().isPresent();
    this.labels = labels;
  }

  /** Where telemetry goes, without properties. */
  public String telemetry() {
    return prefix + "events/";
  }

  /** Where a JSON message with an id goes, with the device's labels as its properties. */
  String sample(String id) {
    PropertyBag bag = json().system("$.mid", id);
    labels.forEach(bag::application);
    return telemetry() + bag;
  }

  /** Where the answer to a cloud-to-device message goes. */
  String answer(String correlationId, String command, int status) {
    return telemetry()
        + json()
            .system("$.cid", correlationId)
            .application("command", command)
            .application("status", Integer.toString(status));
  }

  /** With both, routes can query the body and blobs hold it as JSON, not as base64. */
  private static PropertyBag json() {
    return new PropertyBag().system("$.ct", "application/json").system("$.ce", "utf-8");
  }

  /** Where the answer to a direct method goes. */
  static String methodAnswer(String requestId, int status) {
    return "$iothub/methods/res/" + status + "/?$rid=" + requestId;
  }

  String messages() {
    return prefix + "devicebound/";
  }

  /** The filters of what the hub sends, with blanks between; a module gets no messages. */
  public String commands() {
    // The twin's answers last: their greeting asks for what the filter before them may change.
    return (module ? "" : messages() + "# ") + METHODS + "# " + DESIRED + "# " + TWIN_ANSWERS + "#";
  }

  /** Bytes: the hub counts properties in. */
  int largestPayload() {
    String topic = sample("x".repeat(LONGEST_MESSAGE_ID));
    return LARGEST_MESSAGE - topic.getBytes(StandardCharsets.UTF_8).length;
  }
}
