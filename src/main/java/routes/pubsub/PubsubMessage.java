package routes.pubsub;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.Message;
import routes.sample.Device;
import routes.settings.SettingException;

/**
 * Sets the attributes of a sample: {@code id}, by which the cloud drops a duplicate, {@code
 * deviceId}, {@code contentType} and the device's labels by their names. Subscriptions filter by
 * them.
 */
public final class PubsubMessage {
  /** GooglePubsubConstants.ATTRIBUTES of camel-google-pubsub (Map of String to String). */
  static final String ATTRIBUTES = "CamelGooglePubsubAttributes";

  private static final String ID = "Nats-Msg-Id";

  // cloud.google.com/pubsub/quotas#resource_limits; three attributes are not labels
  private static final int MOST_LABELS = 97;
  private static final int LONGEST_NAME = 256;
  private static final int LONGEST_VALUE = 1024;

  private final Map<String, String> attributes;

  PubsubMessage(Device device) {
    this.attributes = attributes(device);
  }

  /**
   * What every message of this device carries.
   *
   * @throws SettingException for a label that can't be an attribute
   */
  static Map<String, String> attributes(Device device) {
    Map<String, String> attributes = new LinkedHashMap<>();
    device.labels().forEach((name, value) -> attributes.put(checked(name, value), value));
    if (attributes.size() > MOST_LABELS) {
      throw new SettingException(
          "device.labels", "Pub/Sub takes " + MOST_LABELS + " at most, not " + attributes.size());
    }
    attributes.put("deviceId", device.id());
    attributes.put("contentType", "application/json");
    return attributes;
  }

  private static String checked(String name, String value) {
    boolean ours = name.equals("id") || name.equals("deviceId") || name.equals("contentType");
    if (ours || name.startsWith("goog") || bytes(name) > LONGEST_NAME) {
      throw new SettingException(
          "device.labels",
          "\""
              + name
              + "\" can't be a label at Pub/Sub: it should be 1 to 256 bytes, not begin with goog,"
              + " and not be id, deviceId or contentType");
    }
    if (bytes(value) > LONGEST_VALUE) {
      throw new SettingException(
          "device.labels", "\"" + name + "\" is longer than the 1024 bytes that Pub/Sub takes");
    }
    return name;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Without an id when the message has none. */
  @Handler
  public void set(Exchange exchange) {
    Message message = exchange.getMessage();
    Map<String, String> all = new HashMap<>(attributes);
    String id = message.getHeader(ID, String.class);
    if (id != null) {
      all.put("id", id);
    }
    message.setHeader(ATTRIBUTES, all);
  }
}
