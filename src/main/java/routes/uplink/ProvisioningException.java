package routes.uplink;

import java.time.Duration;
import java.util.Optional;

/** Why a gateway has no identity yet: one line that names what to check. */
public final class ProvisioningException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Duration retryAfter;

  public ProvisioningException(String line) {
    this(line, null);
  }

  /**
   * @param retryAfter the pause that the service asks for; null if it does not
   */
  public ProvisioningException(String line, Duration retryAfter) {
    super(line);
    this.retryAfter = retryAfter;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
