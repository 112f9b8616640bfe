package routes.mqtt;

import java.util.Optional;
import routes.link.MqttGateway;
import routes.link.MqttMessage;
import routes.link.TelemetryProperties;
import routes.link.TopicTemplate;
import routes.uplink.Command;
import routes.uplink.GatewaySettings;
import routes.uplink.Inbound;
import routes.uplink.Reply;
import routes.uplink.Telemetry;

/** The kind {@code mqtt}: any MQTT broker. It takes telemetry and sends no commands. */
public final class BrokerGateway extends MqttGateway {
  private static final String INVENTORY = "inventory";

  private final String device;
  private final TopicTemplate topic;

  /**
   * @throws routes.settings.SettingException for the first setting that is missing or wrong
   */
  public BrokerGateway(GatewaySettings settings) {
    super(settings, BrokerSettings.connection(settings), BrokerSettings.credentials(settings));
    device = settings.all().require("device.id", "this device's id");
    topic = TopicTemplate.read(settings);
  }

  @Override
  public String topic() {
    return topic.topic(device, Telemetry.METRICS);
  }

  @Override
  public String filters() {
    return "";
  }

  @Override
  protected MqttMessage message(Telemetry telemetry) {
    return new MqttMessage(topic.topic(telemetry.device(), telemetry.kind()), telemetry.payload())
        .with(TelemetryProperties.of(telemetry, null));
  }

  @Override
  protected Optional<Inbound> inbound(MqttMessage message) {
    return Optional.empty();
  }

  @Override
  protected Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply) {
    return Optional.empty();
  }

  @Override
  protected MqttMessage reported(byte[] inventory) {
    return new MqttMessage(topic.topic(device, INVENTORY), inventory);
  }
}
