package routes.link;

import java.util.function.Consumer;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;
import routes.uplink.Command;

/** Publishes messages without blocking; an exchange completes at its PUBACK. */
final class LinkProducer extends DefaultAsyncProducer {
  private final LinkEndpoint endpoint;

  LinkProducer(LinkEndpoint endpoint) {
    super(endpoint);
    this.endpoint = endpoint;
  }

  @Override
  public boolean process(Exchange exchange, AsyncCallback callback) {
    try {
      Consumer<Failure> done =
          failure -> {
            if (failure != null) {
              exchange.setException(failure);
            }
            callback.done(false);
          };
      Command command = exchange.getProperty(Command.COMMAND, Command.class);
      if (command != null && !command.live()) {
        endpoint.link().reply(message(exchange), done);
      } else {
        boolean reply = exchange.getProperty(MqttGateway.RECEIVED) != null;
        endpoint.link().publish(message(exchange), reply, done);
      }
      return false;
    } catch (RuntimeException e) {
      exchange.setException(e);
      callback.done(true);
      return true;
    }
  }

  private MqttMessage message(Exchange exchange) {
    return MqttExchange.message(
        exchange,
        endpoint.getTopic(),
        endpoint.getConfiguration().getQos(),
        endpoint.getConfiguration().isRetained());
  }
}
