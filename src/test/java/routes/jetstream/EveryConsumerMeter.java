package routes.jetstream;

import io.micrometer.core.instrument.MeterRegistry;

/** Registers the meters of a consumer. */
public final class EveryConsumerMeter {
  private EveryConsumerMeter() {}

  public static void register(MeterRegistry registry) {
    new ConsumerState("gateway-aws").bindTo(registry);
  }
}
