package routes.commands;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;

/** Registers the meters of commands. */
public final class EveryCommandMeter {
  private EveryCommandMeter() {}

  public static void register(MeterRegistry registry) {
    new CommandMeters(registry, Set.of("ping")).count("ping", 200);
  }
}
