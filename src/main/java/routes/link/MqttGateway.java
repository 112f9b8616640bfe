package routes.link;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import routes.uplink.Command;
import routes.uplink.Gateway;
import routes.uplink.Inbound;
import routes.uplink.Reply;
import routes.uplink.Telemetry;

/**
 * What the kinds of gateway that speak MQTT share. A kind implements the pure methods; the methods
 * with an exchange are for routes.
 */
public abstract class MqttGateway implements Gateway {
  protected MqttGateway(ConnectionSettings settings, Supplier<Credential> credentials) {}

  /** The topic of this device's samples, for the {@code topic} of endpoints. */
  public abstract String topic();

  /** The topic filters of what the cloud sends, with blanks between; empty for none. */
  public abstract String filters();

  /**
   * Makes a telemetry message one for this cloud.
   *
   * @throws routes.uplink.InvalidMessageException if the cloud has no place for it
   */
  protected abstract MqttMessage message(Telemetry telemetry);

  /**
   * Tells what a message from the cloud is; empty for what needs nothing done.
   *
   * @throws MalformedMessageException if it is not what its topic says
   */
  protected abstract Optional<Inbound> inbound(MqttMessage message) throws IOException;

  /** The message that returns a command's reply; empty when the cloud wants none. */
  protected abstract Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply);

  /**
   * Makes an inventory the device's reported state.
   *
   * @param inventory a JSON object
   */
  protected abstract MqttMessage reported(byte[] inventory) throws IOException;

  /** For a route's step: body and headers of the message for the cloud. */
  public void telemetry(Exchange exchange) {}

  /** For a route's step: the inventory. */
  public void inventory(Exchange exchange) throws IOException {}

  /** For a route's step: headers of a command or of desired state. */
  public void receive(Exchange exchange) throws IOException {}

  /** For a route's step: the reply to the command that {@link #receive} found. */
  public void reply(Exchange exchange) {}
}
