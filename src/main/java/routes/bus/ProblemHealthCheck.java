package routes.bus;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Readiness that is DOWN, with the reason, while there is a problem on the bus. */
public final class ProblemHealthCheck extends AbstractHealthCheck {
  private final Supplier<Optional<String>> problem;

  /**
   * @param id its name in {@code /health}
   * @param problem the reason in one line; empty if there is none
   */
  public ProblemHealthCheck(String id, Supplier<Optional<String>> problem) {
    super("bus", id);
    this.problem = problem;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    builder.up();
    problem.get().ifPresent(reason -> builder.message(reason).down());
  }
}
