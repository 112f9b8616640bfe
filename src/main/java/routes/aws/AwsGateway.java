package routes.aws;

import java.io.IOException;
import java.util.Optional;
import routes.link.MqttGateway;
import routes.link.MqttMessage;
import routes.uplink.Command;
import routes.uplink.GatewaySettings;
import routes.uplink.Inbound;
import routes.uplink.Reply;
import routes.uplink.Telemetry;

/** The kind {@code aws}: AWS IoT Core, over MQTT 5 with a client certificate. */
public final class AwsGateway extends MqttGateway {
  private final AwsTopics topics;
  private final AwsTelemetry telemetry;
  private final AwsCommands commands;
  private final AwsDesired desired;
  private final AwsReported reported;

  /**
   * @throws routes.settings.SettingException for the first setting that is missing or invalid
   */
  public AwsGateway(GatewaySettings settings) {
    this(settings, AwsSettings.read(settings));
  }

  private AwsGateway(GatewaySettings settings, AwsSettings own) {
    super(settings, own.connection(), own.credentials());
    topics = own.topics();
    telemetry = own.telemetry();
    commands = new AwsCommands(settings.name(), topics);
    desired = new AwsDesired(settings.name(), topics);
    reported = new AwsReported(settings.name(), topics);
  }

  @Override
  public String topic() {
    return telemetry.samples();
  }

  @Override
  public String filters() {
    return topics.filters();
  }

  @Override
  protected MqttMessage message(Telemetry message) {
    return telemetry.message(message);
  }

  @Override
  protected Optional<Inbound> inbound(MqttMessage message) {
    return commands.read(message).or(() -> desired.read(message));
  }

  @Override
  protected Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply) {
    return commands.reply(request, command, reply);
  }

  @Override
  protected MqttMessage reported(byte[] inventory) throws IOException {
    return reported.message(inventory);
  }
}
