package routes.google;

import routes.link.MqttMessage;
import routes.uplink.Telemetry;

/** Turns telemetry into a message for the registry; the protocol has no properties. */
final class GoogleTelemetry {
  private GoogleTelemetry() {}

  static MqttMessage message(Telemetry telemetry) {
    return new MqttMessage(
        GoogleTopics.events(telemetry.device(), telemetry.kind()), telemetry.payload());
  }
}
