package routes.host;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Registers the meters of a host that has everything. */
public final class EveryHostMeter {
  private EveryHostMeter() {}

  public static void register(MeterRegistry registry) {
    AtomicLong nanos = new AtomicLong();
    HostMeters host =
        new HostMeters(
            List.of(new Everything().families()), Duration.ofSeconds(20), nanos::incrementAndGet);
    host.bindTo(registry);
    for (int reading = 0; reading < 2; reading++) { // utilization compares two
      nanos.addAndGet(Duration.ofSeconds(10).toNanos());
      host.reading(() -> null);
    }
  }
}
