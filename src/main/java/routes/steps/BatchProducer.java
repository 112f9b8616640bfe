package routes.steps;

import java.util.Optional;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/** Holds the messages of a batch, without a thread, and sends the array along the route. */
final class BatchProducer extends DefaultAsyncProducer {
  private final BatchPart part;
  private final OpenBatches open;

  BatchProducer(BatchEndpoint endpoint) {
    super(endpoint);
    part = new BatchPart(endpoint.numbers());
    open = new OpenBatches(endpoint);
  }

  @Override
  public boolean process(Exchange exchange, AsyncCallback callback) {
    Optional<byte[]> json = part.of(exchange);
    if (json.isEmpty()) {
      callback.done(true);
      return true;
    }
    if (BatchSource.isRefused(exchange)) {
      Batch alone = new Batch();
      alone.add(exchange, callback, json.get());
      return send(alone, callback);
    }
    OpenBatches.Complete complete = open.add(exchange, callback, json.get());
    for (Batch batch : complete.earlier()) {
      batch.prepare();
      batch.go();
    }
    return complete.own() != null && send(complete.own(), callback);
  }

  /** Sends the batch with the current message, whose route continues on this thread. */
  private static boolean send(Batch batch, AsyncCallback callback) {
    batch.prepare();
    callback.done(true);
    return true;
  }

  @Override
  protected void doStop() throws Exception {
    open.close().forEach(batch -> batch.fail(new BatchException("the route has stopped", null)));
    super.doStop();
  }
}
