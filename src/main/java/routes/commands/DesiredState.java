package routes.commands;

import java.util.concurrent.CancellationException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import routes.bus.BusPublisher;
import routes.uplink.Command;

/**
 * Bean {@code desired}: publishes a cloud's desired state on {@code desired.<device>}. States keep
 * their order, and wait while NATS is unavailable without blocking a thread.
 */
public final class DesiredState extends AsyncProcessorSupport {
  private final BusPublisher bus;
  private final String subject;

  DesiredState(BusPublisher bus, String device) {
    this.bus = bus;
    this.subject = "desired." + device;
  }

  @Override
  public boolean process(Exchange exchange, AsyncCallback callback) {
    bus.publish(subject, exchange.getMessage().getBody(byte[].class))
        .whenComplete(
            (nothing, failure) -> {
              if (failure instanceof CancellationException) {
                exchange.setProperty(Command.LEFT, true);
              } else if (failure != null) {
                exchange.setException(failure);
              }
              callback.done(false);
            });
    return false;
  }
}
