package routes.link;

import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.Endpoint;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Component;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.SimpleTypeConverter;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import routes.settings.EndpointOption;
import routes.uplink.Gateway;

/**
 * Camel's paho-mqtt5 component, whose option {@code client} may also name a gateway: {@code
 * client=#aws}. Such an endpoint uses the gateway's connection. Any other endpoint is Camel's own.
 */
@Component("paho-mqtt5")
public final class LinkComponent extends PahoMqtt5Component {
  private static final String SCHEME = "paho-mqtt5";
  private static final String CLIENT = "client";

  @Override
  protected void doInit() throws Exception {
    super.doInit();
    getCamelContext()
        .getTypeConverterRegistry()
        .addTypeConverter(
            MqttProperties.class,
            MqttMessage.Properties.class,
            new SimpleTypeConverter(
                false,
                (type, exchange, value) -> PahoProperties.toPaho((MqttMessage.Properties) value)));
  }

  /** Camel and Paho would reject these values only at the first message. */
  private static void checkOptions(Map<String, Object> parameters) {
    if (parameters.get("qos") instanceof String qos && !qos.startsWith("#")) {
      new EndpointOption(SCHEME, "qos", qos).whole(0, 2);
    }
    if (parameters.get("brokerUrl") instanceof String url
        && !url.matches("(?s)(#.*|(tcp|ssl|ws|wss)://[^/].*)")) {
      throw new EndpointOption(SCHEME, "brokerUrl", url.replaceFirst(".*@", "***@"))
          .invalid("tcp://host:1883, ssl://host:8883, ws://host/path or wss://host/path");
    }
  }

  @Override
  protected Endpoint createEndpoint(String uri, String topic, Map<String, Object> parameters)
      throws Exception {
    checkOptions(parameters);
    // The option's declared type is Paho's, so a gateway cannot be bound to it.
    if (!(parameters.get(CLIENT) instanceof String reference)) {
      return super.createEndpoint(uri, topic, parameters);
    }
    String name = reference.replaceFirst("^#(bean:)?", "");
    Object bean = getCamelContext().getRegistry().lookupByName(name);
    if (bean instanceof MqttGateway gateway) {
      parameters.remove(CLIENT);
      LinkEndpoint endpoint =
          new LinkEndpoint(uri, topic, this, getConfiguration().copy(), gateway);
      setProperties(endpoint, parameters);
      return endpoint;
    }
    if (bean == null || bean instanceof Gateway) {
      String gateways =
          getCamelContext().getRegistry().findByType(Gateway.class).stream()
              .filter(MqttGateway.class::isInstance)
              .map(Gateway::name)
              .sorted()
              .collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "client: unknown gateway \""
              + name
              + "\"; enabled MQTT gateways: "
              + (gateways.isEmpty() ? "none" : gateways));
    }
    return super.createEndpoint(uri, topic, parameters);
  }
}
