package routes.routefiles;

import java.util.Map;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.service.ServiceHelper;
import routes.jetstream.JetStreamEndpoint;

/**
 * Stands in for a component in a test. The real component creates the endpoints, so their options
 * are validated. They are never started: Camel's mocks would start them, and a gateway's endpoint
 * would connect. Messages to an endpoint are recorded. Its consumer receives only the test's input.
 */
final class RecordedComponent extends DefaultComponent {
  private final Component real;
  private final RecordedMessages messages;

  RecordedComponent(Component real, RecordedMessages messages) {
    this.real = real;
    this.messages = messages;
  }

  @Override
  public boolean useRawUri() {
    return real.useRawUri();
  }

  @Override
  public Endpoint createEndpoint(String uri, Map<String, Object> parameters) throws Exception {
    real.setCamelContext(getCamelContext());
    ServiceHelper.initService(real);
    Endpoint endpoint = real.createEndpoint(uri, parameters);
    // Camel's catalog does not know jetstream, so its topic is an option and not part of the path.
    return new RecordedEndpoint(
        endpoint instanceof JetStreamEndpoint stream ? "jetstream:" + stream.getTopic() : uri);
  }

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
    throw new UnsupportedOperationException();
  }

  /** An address in the form component, colon, address; Camel adds two slashes to its URIs. */
  static String destination(String uri) {
    return uri.replaceFirst("^([\\w-]+)://", "$1:");
  }

  private final class RecordedEndpoint extends DefaultEndpoint {
    private final String destination;

    RecordedEndpoint(String uri) {
      super(uri, RecordedComponent.this);
      destination = destination(uri.replaceFirst("\\?.*", ""));
    }

    @Override
    public Producer createProducer() {
      return new DefaultProducer(this) {
        @Override
        public void process(Exchange exchange) {
          messages.record(destination, exchange);
        }
      };
    }

    @Override
    public Consumer createConsumer(Processor processor) {
      return new DefaultConsumer(this, processor);
    }
  }
}
