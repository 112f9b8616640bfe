package routes.bus;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.apache.camel.CamelContext;

/** The bus's own meter, and where meters go. */
public final class BusMeters {
  private BusMeters() {}

  /** The bean {@code metricsRegistry}, or else the only registry there is. */
  public static Optional<MeterRegistry> registry(CamelContext context) {
    MeterRegistry named =
        context.getRegistry().lookupByNameAndType("metricsRegistry", MeterRegistry.class);
    return Optional.ofNullable(
        named != null ? named : context.getRegistry().findSingleByType(MeterRegistry.class));
  }

  /** May be called again: Camel tells of each route's start, not of the first alone. */
  static void bind(Bus bus, MeterRegistry meters) {
    if (meters.find("bus.connected").gauge() != null) {
      return;
    }
    Gauge.builder("bus.connected", bus, b -> b.connected() ? 1 : 0)
        .description("Whether NATS is connected: 1 or 0")
        .register(meters);
  }
}
