package routes.azure;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import routes.settings.SettingException;
import routes.uplink.InvalidMessageException;
import routes.uplink.Telemetry;

/**
 * The topics of one device or module at the hub
 * (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub).
 */
final class AzureTopics {
  static final String METHODS = "$iothub/methods/POST/";
  static final String DESIRED = "$iothub/twin/PATCH/properties/desired/";
  static final String TWIN_ANSWERS = "$iothub/twin/res/";

  /** Where reported properties go. */
  static final String REPORTED = "$iothub/twin/PATCH/properties/reported/?$rid=reported";

  /** The request id with which the twin is requested after each connect. */
  static final String TWIN_REQUEST = "desired";

  static final Map<String, String> GREETINGS =
      Map.of(TWIN_ANSWERS + "#", "$iothub/twin/GET/?$rid=" + TWIN_REQUEST);

  /** Bytes of a message; the hub counts its properties too. */
  static final int LARGEST_MESSAGE = 256 << 10;

  private static final String KIND = "kind";
  private static final String DEVICE = "device";
  private static final int LONGEST_MESSAGE_ID = 128;

  private final String prefix;
  private final boolean module;
  private final String device;
  private final Map<String, String> labels;

  /**
   * @param device this device's id on the bus
   * @throws SettingException for a label that has the name of a property of every message
   */
  AzureTopics(ConnectionString hub, String device, Map<String, String> labels) {
    this.prefix =
        "devices/"
            + hub.deviceId()
            + hub.moduleId().map(id -> "/modules/" + id).orElse("")
            + "/messages/";
    this.module = hub.moduleId().isPresent();
    this.device = device;
    this.labels = labels;
    for (String own : List.of(KIND, DEVICE)) {
      if (labels.containsKey(own)) {
        throw new SettingException(
            "device.labels",
            "\""
                + own
                + "\" cannot be a label at IoT Hub, where each message has the properties kind and"
                + " device; rename it");
      }
    }
  }

  /** Where telemetry goes, without properties. */
  String events() {
    return prefix + "events/";
  }

  /**
   * Where a telemetry message goes, with its properties: id, content type, {@code kind}, and this
   * device's labels, or {@code device} if it comes from another device.
   *
   * @throws InvalidMessageException for an id that the hub does not accept
   */
  String telemetry(Telemetry telemetry) {
    String id = telemetry.id();
    if (id != null && id.length() > LONGEST_MESSAGE_ID) {
      throw new InvalidMessageException(
          "Nats-Msg-Id has " + id.length() + " characters; IoT Hub accepts " + LONGEST_MESSAGE_ID);
    }
    PropertyBag bag = new PropertyBag().system("$.ct", telemetry.contentType());
    String encoding = telemetry.isText() ? "utf-8" : telemetry.contentEncoding();
    bag.system("$.ce", encoding).system("$.mid", id);
    bag.application(KIND, telemetry.kind());
    if (telemetry.device().equals(device)) {
      labels.forEach(bag::application);
    } else {
      bag.application(DEVICE, telemetry.device());
    }
    return events() + bag;
  }

  /** Where the answer to a cloud-to-device message goes. */
  String answer(String correlationId, String command, int status) {
    return events()
        + new PropertyBag()
            // with both, routes can query the body and blobs hold it as JSON, not as base64
            .system("$.ct", "application/json")
            .system("$.ce", "utf-8")
            .system("$.cid", correlationId)
            .application("command", command)
            .application("status", Integer.toString(status));
  }

  /** Where the answer to a direct method goes. */
  static String methodAnswer(String requestId, int status) {
    return "$iothub/methods/res/" + status + "/?$rid=" + requestId;
  }

  /** Where cloud-to-device messages come from. */
  String messages() {
    return prefix + "devicebound/";
  }

  /**
   * The filters of messages from the hub, separated by blanks; a module gets no cloud-to-device
   * messages.
   */
  String filters() {
    // The twin's answers come last, because subscribing to them requests the twin. Its changes must
    // be subscribed to by then.
    return (module ? "" : messages() + "# ") + METHODS + "# " + DESIRED + "# " + TWIN_ANSWERS + "#";
  }

  /** Bytes of the largest payload; the hub counts the message's properties too. */
  int largestPayload() {
    String longest = "x".repeat(LONGEST_MESSAGE_ID);
    String topic =
        telemetry(
            new Telemetry(device, longest.substring(64), longest, "application/json", new byte[0]));
    return LARGEST_MESSAGE - topic.getBytes(StandardCharsets.UTF_8).length;
  }
}
