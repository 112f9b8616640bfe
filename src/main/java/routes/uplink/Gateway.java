package routes.uplink;

import java.util.Optional;
import java.util.concurrent.Executor;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.support.service.ServiceSupport;

/**
 * One instance of a kind of gateway: the bean that a gateway's route files use by its name, such as
 * {@code aws} or {@code mqtt-plant}. It is built once, from settings that it has validated, and
 * owns one connection and one pool of threads.
 */
public interface Gateway extends Uplink {
  /**
   * Where and as whom it connects, for errors: two gateways with one identity would end each
   * other's connection. Empty where that cannot happen.
   */
  default Optional<String> identity() {
    return Optional.empty();
  }

  /** Begins to connect, in the background; called again it does nothing. Ends with the context. */
  void start(CamelContext context);

  /** Disconnects for good. */
  void stop();

  /** Has the context stop this gateway when it stops itself. */
  default void stopWith(CamelContext context) {
    try {
      context.addService(
          new ServiceSupport() {
            @Override
            protected void doStop() {
              Gateway.this.stop();
            }
          });
    } catch (Exception e) {
      throw RuntimeCamelException.wrapRuntimeCamelException(e);
    }
  }

  /** Runs the steps of this gateway's routes. */
  Executor pool();
}
