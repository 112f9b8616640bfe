package routes.azure;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import routes.link.MqttGateway;
import routes.link.MqttMessage;
import routes.tls.Expiry;
import routes.uplink.Command;
import routes.uplink.GatewaySettings;
import routes.uplink.Inbound;
import routes.uplink.Reply;
import routes.uplink.Telemetry;

/** The kind {@code azure}: Azure IoT Hub, over MQTT 3.1.1 with a SAS token or a certificate. */
public final class AzureGateway extends MqttGateway {
  private final Expiry token;
  private final AzureTopics topics;
  private final AzureTelemetry telemetry;
  private final AzureCommands commands;
  private final AzureDesired desired;

  /**
   * @throws routes.settings.SettingException for the first setting that is missing or invalid
   */
  public AzureGateway(GatewaySettings settings) {
    this(settings, AzureSettings.read(settings));
  }

  AzureGateway(GatewaySettings settings, AzureSettings own) {
    super(settings, own.connection(), own.credentials());
    token = own.credentials().expiry();
    topics = own.topics();
    telemetry = new AzureTelemetry(topics);
    commands = new AzureCommands(topics);
    desired = new AzureDesired(settings.name(), () -> greetAgain(AzureTopics.TWIN_ANSWERS + "#"));
  }

  @Override
  public Optional<String> oneDevice() {
    return Optional.of(
        "IoT Hub attributes all messages of a connection to the device of that connection");
  }

  /** A token in the connection string expires; those that are signed here are renewed in time. */
  @Override
  public List<Expiry> expiries() {
    return Stream.concat(super.expiries().stream(), Stream.of(token)).toList();
  }

  @Override
  public String topic() {
    return topics.events();
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
  protected MqttMessage reported(byte[] inventory) {
    return AzureReported.message(inventory);
  }
}
