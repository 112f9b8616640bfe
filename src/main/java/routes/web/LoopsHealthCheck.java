package routes.web;

import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import routes.log.Loops;

/** Liveness: DOWN with the names once any of this process's loops has failed. */
final class LoopsHealthCheck extends AbstractHealthCheck {
  LoopsHealthCheck() {
    super("cloud-iot-routes", "loops");
  }

  @Override
  public boolean isLiveness() {
    return true;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    Map<String, String> failed = Loops.failed();
    if (failed.isEmpty()) {
      builder.up();
    } else {
      builder
          .message(
              failed.entrySet().stream()
                  .map(loop -> loop.getKey() + " failed: " + loop.getValue())
                  .collect(Collectors.joining(", ", "", "; restart the runtime")))
          .down();
    }
  }
}
