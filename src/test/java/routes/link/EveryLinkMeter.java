package routes.link;

import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.LoggerFactory;

/** Registers the meters of an MQTT connection. */
public final class EveryLinkMeter {
  private EveryLinkMeter() {}

  public static void register(MeterRegistry registry) {
    new UplinkMeters(registry, "gateway-aws", () -> true, () -> false, () -> 0);
    new Refusals(registry, "gateway-aws", LoggerFactory.getLogger(EveryLinkMeter.class));
  }
}
