package routes.link;

import java.util.concurrent.CompletableFuture;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import routes.uplink.Command;

/** Receives the messages of an endpoint's topic filters, on the gateway's pool. */
final class LinkConsumer extends DefaultConsumer {
  private final LinkEndpoint endpoint;
  private final Arrivals.Listener listener = this::arrived;

  LinkConsumer(LinkEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    endpoint.link().subscribe(endpoint.getTopic(), endpoint.getConfiguration().getQos(), listener);
  }

  /**
   * When the context stops, the connection closes as a whole, and a persistent session keeps its
   * subscriptions.
   */
  @Override
  protected void doStop() throws Exception {
    if (getEndpoint().getCamelContext().isStopping()) {
      endpoint.link().stopListening();
    } else {
      endpoint.link().unsubscribe(listener);
    }
    super.doStop();
  }

  private void arrived(MqttMessage received, Runnable done) {
    Exchange exchange = createExchange(true);
    MqttExchange.receive(exchange, received);
    AsyncCallback handled = defaultConsumerCallback(exchange, true);
    getAsyncProcessor()
        .process(
            exchange,
            synchronously -> {
              boolean left = exchange.getProperty(Command.LEFT) != null;
              CompletableFuture<?> after =
                  exchange.getProperty(MqttGateway.AFTER, CompletableFuture.class);
              handled.done(synchronously);
              if (after != null) {
                after.thenRun(done);
              } else if (!left) {
                done.run();
              }
            });
  }
}
