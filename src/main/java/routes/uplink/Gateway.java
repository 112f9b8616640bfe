package routes.uplink;

import java.util.Optional;
import java.util.concurrent.Executor;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.support.service.ServiceSupport;

/**
 * One instance of a kind of gateway: the bean that route files refer to by name, such as {@code
 * aws} or {@code mqtt-plant}. Built once from validated settings; owns one connection and one
 * thread pool.
 */
public interface Gateway extends Uplink {
  /**
   * Address and client id, for errors: two gateways with the same identity would close each other's
   * connection. Empty if that cannot happen.
   */
  default Optional<String> identity() {
    return Optional.empty();
  }

  /**
   * Why this gateway can send the messages of one device only, as the end of a sentence; empty if
   * it can be a hub.
   */
  default Optional<String> oneDevice() {
    return Optional.empty();
  }

  /** Starts connecting in the background; a second call has no effect. Stops with the context. */
  void start(CamelContext context);

  /** Disconnects permanently. */
  void stop();

  /** Makes the context stop this gateway when the context stops. */
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
