package routes.bus;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.apache.camel.CamelContext;

/** The connection's meter, and the registry for all meters. */
public final class BusMeters {
  private BusMeters() {}

  /** The bean {@code metricsRegistry}, or else the only registry in the context. */
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
        .description("1 while NATS is connected, otherwise 0")
        .register(meters);
  }
}
