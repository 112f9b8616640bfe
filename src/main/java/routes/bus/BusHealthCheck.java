package routes.bus;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Readiness {@code bus}: DOWN with the reason while NATS is away or a stream has a problem. */
public final class BusHealthCheck extends AbstractHealthCheck {
  private final Bus bus;

  BusHealthCheck(Bus bus) {
    super("bus", "bus");
    this.bus = bus;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    builder.up();
    bus.problem().ifPresent(problem -> builder.message(problem).down());
  }
}
