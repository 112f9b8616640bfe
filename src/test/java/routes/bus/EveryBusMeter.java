package routes.bus;

import io.micrometer.core.instrument.MeterRegistry;

/** Registers the meters of the connection to NATS. */
public final class EveryBusMeter {
  private EveryBusMeter() {}

  public static void register(MeterRegistry registry) {
    BusMeters.bind(null, registry);
  }
}
