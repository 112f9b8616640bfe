package routes.bus;

import io.nats.client.Dispatcher;
import java.util.function.Consumer;

/** Receives the messages on a subject until it is closed, on each new connection again. */
public final class BusSubscription implements AutoCloseable {
  private final Dispatcher dispatcher;
  private final String subject;

  /**
   * @param receiver called on jnats' thread with the payload
   */
  public BusSubscription(Bus bus, String subject, Consumer<byte[]> receiver) {
    this.subject = subject;
    dispatcher = SharedDispatcher.of(bus, message -> receiver.accept(message.getData()));
    dispatcher.subscribe(subject);
  }

  @Override
  public void close() {
    dispatcher.unsubscribe(subject);
  }
}
