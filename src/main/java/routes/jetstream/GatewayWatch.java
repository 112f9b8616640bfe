package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamInfo;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.Bus;

/**
 * Asks the server how far a gateway is, without ever making a thread wait. While NATS is away the
 * gateway keeps its last values.
 */
final class GatewayWatch implements Runnable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(GatewayWatch.class);

  private final Bus bus;
  private final DurableConsumer durable;
  private final Gateway gateway;
  private final DropLog drops;
  private CompletableFuture<?> asked = CompletableFuture.completedFuture(null);

  GatewayWatch(Bus bus, DurableConsumer durable, Gateway gateway) {
    this.bus = bus;
    this.durable = durable;
    this.gateway = gateway;
    this.drops = new DropLog(durable.name(), durable.stream());
  }

  @Override
  public void run() {
    if (asked.isDone()) {
      bus.session().ifPresent(session -> asked = ask(session.connection()));
    }
  }

  private CompletableFuture<?> ask(Connection connection) {
    try {
      return request(connection, "STREAM.INFO." + durable.stream())
          .thenCompose(
              stream ->
                  request(connection, "CONSUMER.INFO." + durable.stream() + "." + durable.name())
                      .thenAccept(consumer -> answered(stream, consumer)))
          .exceptionally(this::unanswered);
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(unanswered(e)); // NATS went away just now
    }
  }

  private static CompletableFuture<Message> request(Connection connection, String question) {
    return connection.requestWithTimeout("$JS.API." + question, null, PATIENCE);
  }

  private void answered(Message streamAnswer, Message consumerAnswer) {
    StreamInfo stream = new StreamInfo(streamAnswer);
    ConsumerInfo consumer = new ConsumerInfo(consumerAnswer);
    if (!stream.hasError() && !consumer.hasError()) {
      gateway.polled(stream.getStreamState().getFirstSequence(), consumer);
      drops.count(gateway.drops());
    }
  }

  private Void unanswered(Throwable e) {
    LOG.debug("{}: no answer", durable, e);
    return null;
  }
}
