package routes.bus;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.apache.camel.CamelContext;

/** The meter of the connection, and the registry that meters go to. */
public final class BusMeters {
  private BusMeters() {}

  /** The bean {@code metricsRegistry}, or else the only registry there is. */
  public static Optional<MeterRegistry> registry(CamelContext context) {
    MeterRegistry named =
        context.getRegistry().lookupByNameAndType("metricsRegistry", MeterRegistry.class);
    return Optional.ofNullable(
        named != null ? named : context.getRegistry().findSingleByType(MeterRegistry.class));
  }

  /** May be called again, because Camel reports the start of each route. */
  static void bind(Bus bus, MeterRegistry meters) {
    if (meters.find("bus.connected").gauge() != null) {
      return;
    }
    Gauge.builder("bus.connected", bus, b -> b.connected() ? 1 : 0)
        .description("Whether NATS is connected: 1 or 0")
        .register(meters);
  }
}
