package routes.azure;

import java.nio.charset.StandardCharsets;
import routes.link.MqttMessage;
import routes.uplink.InvalidMessageException;
import routes.uplink.Telemetry;

/**
 * Turns telemetry into a message for the hub, with id, content type, kind and labels in its topic.
 */
record AzureTelemetry(AzureTopics topics) {
  /**
   * @throws InvalidMessageException for a message on which the hub would close the connection
   */
  MqttMessage message(Telemetry telemetry) {
    String topic = topics.telemetry(telemetry);
    long size = (long) topic.getBytes(StandardCharsets.UTF_8).length + telemetry.payload().length;
    if (size > AzureTopics.LARGEST_MESSAGE) {
      throw new InvalidMessageException(
          "payload and properties have "
              + size
              + " bytes; IoT Hub accepts "
              + AzureTopics.LARGEST_MESSAGE);
    }
    return new MqttMessage(topic, telemetry.payload());
  }
}
