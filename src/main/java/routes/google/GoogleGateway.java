package routes.google;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import routes.link.MqttGateway;
import routes.link.MqttMessage;
import routes.uplink.Command;
import routes.uplink.GatewaySettings;
import routes.uplink.Inbound;
import routes.uplink.Reply;
import routes.uplink.Telemetry;

/** The kind {@code google}: the IoT Core protocol, over MQTT 3.1.1 with a JWT. */
public final class GoogleGateway extends MqttGateway {
  private final String key;
  private final GoogleTopics topics;
  private final GoogleCommands commands;
  private final GoogleDesired desired;
  private final GoogleReported reported;

  /**
   * @throws routes.settings.SettingException for the first setting that is missing or invalid
   */
  public GoogleGateway(GatewaySettings settings) {
    super(
        settings,
        GoogleSettings.connection(settings),
        GoogleSettings.credentials(settings, Clock.systemUTC()));
    key = settings.key(SigningKey.KEY);
    topics = new GoogleTopics(GoogleSettings.device(settings));
    commands = new GoogleCommands(topics);
    desired = new GoogleDesired(topics);
    reported = new GoogleReported(topics);
  }

  @Override
  public Optional<String> oneDevice() {
    return Optional.of("ClearBlade closes a connection that publishes to topics of another device");
  }

  @Override
  public List<String> files() {
    return Stream.concat(super.files().stream(), Stream.of(key)).toList();
  }

  @Override
  public String topic() {
    return GoogleTopics.events(topics.device(), Telemetry.METRICS);
  }

  @Override
  public String filters() {
    return topics.filters();
  }

  @Override
  protected MqttMessage message(Telemetry message) {
    return GoogleTelemetry.message(message);
  }

  @Override
  protected Optional<Inbound> inbound(MqttMessage message) {
    return commands.read(message).or(() -> desired.read(message));
  }

  @Override
  protected Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply) {
    return Optional.of(commands.reply(request, command, reply));
  }

  @Override
  protected MqttMessage reported(byte[] inventory) {
    return reported.message(inventory);
  }
}
