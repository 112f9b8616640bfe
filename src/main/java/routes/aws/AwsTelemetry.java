package routes.aws;

import java.util.Optional;
import routes.link.MqttMessage;
import routes.link.TelemetryProperties;
import routes.link.TopicTemplate;
import routes.uplink.InvalidMessageException;
import routes.uplink.Telemetry;

/**
 * Turns telemetry into a message for AWS IoT Core, published to {@code aws.topic} or, with {@code
 * aws.rule}, directly to that rule.
 *
 * @param device this device's id on the bus; at AWS the thing's name takes its place
 * @param expiry seconds that the broker keeps a message for a disconnected subscriber
 */
record AwsTelemetry(
    TopicTemplate topic, Optional<String> rule, String device, String thing, long expiry) {
  /** The topic of this device's samples. */
  String samples() {
    return topic(device, Telemetry.METRICS);
  }

  private String topic(String from, String kind) {
    String full = topic.topic(from.equals(device) ? thing : from, kind);
    if (!AwsTopics.fits(full)) {
      throw new InvalidMessageException(
          "topic \"" + full + "\" has more than 7 slashes or 256 bytes");
    }
    return rule.map(name -> AwsTopics.ingest(name, full)).orElse(full);
  }

  MqttMessage message(Telemetry telemetry) {
    return new MqttMessage(topic(telemetry.device(), telemetry.kind()), telemetry.payload())
        .with(TelemetryProperties.of(telemetry, expiry));
  }
}
