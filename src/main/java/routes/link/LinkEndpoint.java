package routes.link;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Component;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Configuration;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Endpoint;
import org.apache.camel.spi.UriEndpoint;

/**
 * A paho-mqtt5 endpoint on a gateway's connection. A consumer's topic may contain several filters.
 */
@UriEndpoint(
    firstVersion = "3.8.0",
    scheme = "paho-mqtt5",
    title = "Paho MQTT 5",
    category = {Category.MESSAGING, Category.IOT},
    syntax = "paho-mqtt5:topic",
    headersClass = PahoMqtt5Constants.class)
final class LinkEndpoint extends PahoMqtt5Endpoint {
  private final MqttGateway gateway;

  LinkEndpoint(
      String uri,
      String topic,
      PahoMqtt5Component component,
      PahoMqtt5Configuration configuration,
      MqttGateway gateway) {
    super(uri, topic, component, configuration);
    this.gateway = gateway;
  }

  MqttLink link() {
    return gateway.link();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    gateway.start(getCamelContext());
  }

  /**
   * @throws IllegalArgumentException for a topic that a broker would refuse
   */
  @Override
  public Producer createProducer() {
    TopicFilter.checkName(getTopic());
    return new LinkProducer(this);
  }

  /**
   * @throws IllegalArgumentException for an invalid topic filter
   */
  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    TopicFilter.split(getTopic());
    LinkConsumer consumer = new LinkConsumer(this, processor);
    configureConsumer(consumer);
    return consumer;
  }

  @Override
  public String getServiceUrl() {
    return null;
  }
}
