package routes.link;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Service;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.micrometer.MicrometerUtils;
import org.apache.camel.health.HealthCheckRegistry;
import routes.uplink.Uplink;
import routes.uplink.UplinkHealthCheck;

/**
 * A Paho client that {@code paho:} or {@code paho-mqtt5:} endpoints share by their option {@code
 * client}. It connects by itself, in the background, and stays connected; routes publish and
 * subscribe at any time.
 *
 * <p>A publish fails at once when not connected; else it returns after the PUBACK or fails in time.
 * While the credential is renewed it waits. An endpoint may subscribe to several topic filters,
 * with blanks between them. A subscription made before the first connection, or before any later
 * one, is made when connected; its messages go to the callback that was set last before it. A
 * callback is told of messages alone.
 */
public interface DeviceClient extends Uplink, Service {
  /** The connection behind it. */
  Uplink connection();

  /** Wants no more messages of these topic filters. */
  void unsubscribe(String filters) throws Exception;

  /** Has the context start the client now, stop it in the end, and show its health. */
  static <C extends DeviceClient> C serve(CamelContext context, C client) throws Exception {
    context.addService(client, true, true);
    context.addLifecycleStrategy(new RemovedRoutes(context, client));
    HealthCheckRegistry health = HealthCheckRegistry.get(context);
    if (health != null) {
      health.register(new UplinkHealthCheck(client));
    }
    return client;
  }

  /** Where a client's meters go. */
  static MeterRegistry meters(CamelContext context) {
    return MicrometerUtils.getOrCreateMeterRegistry(
        context.getRegistry(), MicrometerConstants.METRICS_REGISTRY_NAME);
  }

  @Override
  default String name() {
    return connection().name();
  }

  @Override
  default boolean connected() {
    return connection().connected();
  }

  @Override
  default boolean awaitConnected(Duration timeout) throws InterruptedException {
    return connection().awaitConnected(timeout);
  }

  @Override
  default Instant since() {
    return connection().since();
  }

  @Override
  default Optional<String> lastError() {
    return connection().lastError();
  }

  @Override
  default boolean refused() {
    return connection().refused();
  }

  @Override
  default Verdict verdict(Throwable failure, long reconnects) {
    return connection().verdict(failure, reconnects);
  }

  @Override
  default long reconnects() {
    return connection().reconnects();
  }
}
