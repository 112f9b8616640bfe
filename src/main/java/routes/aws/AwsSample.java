package routes.aws;

import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import routes.link.MessageProperties;

/** Makes a sample of the bus a message for AWS IoT Core. */
public final class AwsSample {
  private final MessageProperties properties;
  private final Optional<String> ingest;

  /**
   * @param ingest the topic of Basic Ingest, when samples go straight to a rule
   */
  AwsSample(MessageProperties properties, Optional<String> ingest) {
    this.properties = properties;
    this.ingest = ingest;
  }

  /** Adds the MQTT 5 properties and, for Basic Ingest, the topic that goes before aws.topic. */
  @Handler
  public void prepare(Exchange exchange) {
    properties.set(exchange);
    ingest.ifPresent(
        topic ->
            exchange.getMessage().setHeader(PahoMqtt5Constants.CAMEL_PAHO_OVERRIDE_TOPIC, topic));
  }
}
