package routes.mqtt;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import routes.link.CommandTopics;
import routes.link.MqttGateway;
import routes.link.MqttMessage;
import routes.link.TelemetryProperties;
import routes.link.TopicTemplate;
import routes.uplink.Command;
import routes.uplink.GatewaySettings;
import routes.uplink.Inbound;
import routes.uplink.Reply;
import routes.uplink.Telemetry;

/**
 * The kind {@code mqtt}: any MQTT broker. Sends commands if the setting {@code commands} has a
 * topic filter, and a desired state if the setting {@code desired} has a topic.
 */
public final class BrokerGateway extends MqttGateway {
  static final String INVENTORY = "inventory";

  private final String device;
  private final TopicTemplate topic;
  private final Optional<CommandTopics> commands;
  private final Optional<BrokerDesired> desired;
  private final boolean replicated;

  /**
   * @throws routes.settings.SettingException for the first missing or invalid setting
   */
  public BrokerGateway(GatewaySettings settings) {
    super(settings, BrokerSettings.connection(settings), BrokerSettings.credentials(settings));
    device = settings.all().require("device.id", "this device's id");
    topic = TopicTemplate.read(settings);
    replicated = settings.replica().isPresent();
    commands = BrokerCommands.read(settings, topic());
    desired = BrokerDesired.read(settings, commands, topic, device);
  }

  @Override
  public String topic() {
    return topic.topic(device, Telemetry.METRICS);
  }

  /**
   * With replicas a shared subscription (MQTT 5, 4.8.2), so that one of them runs each command. A
   * shared subscription receives no retained messages, so the desired state goes to each of them.
   */
  @Override
  public String filters() {
    String group = replicated ? "$share/" + device + "/" : "";
    return Stream.concat(
            commands.map(topics -> group + topics.filter()).stream(),
            desired.map(BrokerDesired::topic).stream())
        .collect(Collectors.joining(" "));
  }

  @Override
  protected MqttMessage message(Telemetry telemetry) {
    return new MqttMessage(topic.topic(telemetry.device(), telemetry.kind()), telemetry.payload())
        .with(TelemetryProperties.of(telemetry, null));
  }

  @Override
  protected Optional<Inbound> inbound(MqttMessage message) {
    return commands
        .flatMap(topics -> topics.read(message))
        .or(() -> desired.flatMap(topic -> topic.read(message)));
  }

  @Override
  protected Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply) {
    return commands.flatMap(topics -> topics.reply(request, command, reply));
  }

  /** Retained, so that a later subscriber gets the newest inventory at once. */
  @Override
  protected MqttMessage reported(byte[] inventory) {
    Telemetry message = new Telemetry(device, INVENTORY, null, "application/json", inventory);
    return new MqttMessage(
        topic.topic(device, INVENTORY), inventory, 1, true, TelemetryProperties.of(message, null));
  }
}
