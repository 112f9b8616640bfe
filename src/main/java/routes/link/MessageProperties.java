package routes.link;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.Message;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;

/**
 * Sets the MQTT 5 properties of a sample (3.3.2.3): content type, UTF-8 as payload format, the
 * message expiry where there is one, and the user properties {@code id}, by which the cloud drops a
 * duplicate, and {@code device}.
 */
public final class MessageProperties {
  private static final String ID = "Nats-Msg-Id";
  private static final int LONGEST_ID = 1024;

  private final String device;
  private final Optional<Duration> expiry;

  /**
   * @param device this device's id
   */
  public MessageProperties(String device) {
    this(device, Optional.empty());
  }

  /**
   * @param expiry how long the broker keeps the message for a subscriber that is away; whole
   *     seconds
   */
  public MessageProperties(String device, Optional<Duration> expiry) {
    this.device = device;
    this.expiry = expiry;
  }

  /**
   * Without an id when the message has none.
   *
   * @throws IllegalArgumentException for an id that is too long: above 64 KB Paho would write a
   *     packet at which the broker ends the connection
   */
  @Handler
  public void set(Exchange exchange) {
    Message message = exchange.getMessage();
    MqttProperties properties = new MqttProperties();
    properties.setContentType("application/json");
    properties.setPayloadFormat(true);
    expiry.map(Duration::toSeconds).ifPresent(properties::setMessageExpiryInterval);
    String id = message.getHeader(ID, String.class);
    properties.setUserProperties(
        id == null
            ? List.of(new UserProperty("device", device))
            : List.of(new UserProperty("id", id), new UserProperty("device", device)));
    if (id != null && id.length() > LONGEST_ID) {
      throw new IllegalArgumentException(
          "its Nats-Msg-Id has " + id.length() + " characters: at most " + LONGEST_ID);
    }
    message.setHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES, properties);
  }
}
