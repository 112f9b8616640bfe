package routes.link;

import java.nio.charset.StandardCharsets;
import java.util.AbstractMap.SimpleEntry;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import routes.uplink.Command;
import routes.uplink.Desired;
import routes.uplink.GatewaySettings;
import routes.uplink.Inbound;
import routes.uplink.Reply;
import routes.uplink.Telemetry;

/**
 * A gateway with simple topics: commands on {@code commands/NAME}, desired state on {@code
 * desired}, replies on {@code replies/NAME/STATUS}.
 */
final class PlainGateway extends MqttGateway {
  PlainGateway(
      GatewaySettings settings, ConnectionSettings connection, Supplier<Credential> credentials) {
    super(settings, connection, credentials);
  }

  @Override
  public String topic() {
    return "samples";
  }

  @Override
  public String filters() {
    return "commands/# desired";
  }

  @Override
  protected MqttMessage message(Telemetry telemetry) {
    return new MqttMessage("devices/" + telemetry.device(), telemetry.payload())
        .with(
            new MqttMessage.Properties(
                telemetry.contentType(),
                telemetry.isText(),
                60L,
                null,
                null,
                List.of(new SimpleEntry<>("id", String.valueOf(telemetry.id())))));
  }

  @Override
  protected Optional<Inbound> inbound(MqttMessage message) {
    if (message.topic().equals("desired")) {
      return Optional.of(new Desired(message.payload()));
    }
    String name = message.topic().replaceFirst("^commands/", "");
    if (name.contains(" ")) {
      throw new MalformedMessageException("a command with a blank in its name");
    }
    return name.equals("ignored")
        ? Optional.empty()
        : Optional.of(new Command(name, message.payload()));
  }

  @Override
  protected Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply) {
    return command.name().equals("silent")
        ? Optional.empty()
        : Optional.of(
            new MqttMessage("replies/" + command.name() + "/" + reply.status(), reply.body()));
  }

  @Override
  protected MqttMessage reported(byte[] inventory) {
    return new MqttMessage(
        "reported", ("{" + new String(inventory, StandardCharsets.UTF_8) + "}").getBytes());
  }
}
