package routes.link;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import routes.link.MqttMessage.Properties;

/** Converts messages to exchanges, with Camel's stock headers, and back. */
public final class MqttExchange {
  private MqttExchange() {}

  /** Sets the body and headers of a message that arrived. */
  public static void receive(Exchange exchange, MqttMessage received) {
    exchange.setProperty(MqttGateway.RECEIVED, received);
    Message in = exchange.getIn();
    in.setBody(received.payload());
    in.setHeader(PahoMqtt5Constants.MQTT_TOPIC, received.topic());
    in.setHeader(PahoMqtt5Constants.MQTT_QOS, received.qos());
    in.setHeader(
        PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES, PahoProperties.toPaho(received.properties()));
  }

  /**
   * The message to publish; headers override the endpoint's options.
   *
   * @param topic of the endpoint, as are QoS and retain
   */
  public static MqttMessage message(Exchange exchange, String topic, int qos, boolean retain) {
    Message in = exchange.getMessage();
    byte[] body = in.getBody(byte[].class);
    return new MqttMessage(
        in.getHeader(PahoMqtt5Constants.CAMEL_PAHO_OVERRIDE_TOPIC, topic, String.class),
        body == null ? new byte[0] : body,
        in.getHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_QOS, qos, Integer.class),
        in.getHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_RETAINED, retain, Boolean.class),
        properties(in));
  }

  private static Properties properties(Message in) {
    Object header = in.getHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES);
    return header instanceof Properties properties
        ? properties
        : PahoProperties.fromPaho(
            in.getHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES, MqttProperties.class));
  }
}
