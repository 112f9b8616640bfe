package routes.azure;

import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.Message;
import org.apache.camel.component.paho.PahoConstants;

/** Gives a sample its topic, which holds its id, content type and the device's labels. */
public final class AzureTelemetry {
  private static final String ID = "Nats-Msg-Id";

  private final AzureTopics topics;

  AzureTelemetry(AzureTopics topics) {
    this.topics = topics;
  }

  /** Without an id when the message has none. */
  @Handler
  public void set(Exchange exchange) {
    Message message = exchange.getMessage();
    String topic = topics.sample(message.getHeader(ID, String.class));
    message.setHeader(PahoConstants.CAMEL_PAHO_OVERRIDE_TOPIC, topic);
  }
}
