package routes.uplink;

import java.util.concurrent.Executor;
import org.apache.camel.CamelContext;

/**
 * One instance of a kind of gateway: the bean that a gateway's route files use by its name, such as
 * {@code aws} or {@code mqtt-plant}. It is built once, from settings that it has validated, and
 * owns one connection and one pool of threads.
 */
public interface Gateway extends Uplink {
  /** Builds the instances of one kind. */
  @FunctionalInterface
  interface Kind {
    /**
     * Reads and validates the settings of one instance, without connecting.
     *
     * @param settings those of the instance: key {@code url} is {@code mqtt-plant.url}
     * @throws routes.settings.SettingException for the first one that is missing or wrong
     */
    Gateway open(GatewaySettings settings);
  }

  /** Begins to connect, in the background; called again it does nothing. Ends with the context. */
  void start(CamelContext context);

  /** Disconnects for good. */
  void stop();

  /** Runs the steps of this gateway's routes. */
  Executor pool();
}
