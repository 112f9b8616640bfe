package routes.link;

import java.util.function.Consumer;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.support.DefaultAsyncProducer;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import routes.uplink.Command;

/** Publishes messages without blocking; an exchange is complete at its PUBACK. */
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
    Message in = exchange.getMessage();
    byte[] body = in.getBody(byte[].class);
    return new MqttMessage(
        in.getHeader(
            PahoMqtt5Constants.CAMEL_PAHO_OVERRIDE_TOPIC, endpoint.getTopic(), String.class),
        body == null ? new byte[0] : body,
        in.getHeader(
            PahoMqtt5Constants.CAMEL_PAHO_MSG_QOS,
            endpoint.getConfiguration().getQos(),
            Integer.class),
        in.getHeader(
            PahoMqtt5Constants.CAMEL_PAHO_MSG_RETAINED,
            endpoint.getConfiguration().isRetained(),
            Boolean.class),
        PahoProperties.fromPaho(
            in.getHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES, MqttProperties.class)));
  }
}
