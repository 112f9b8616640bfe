package routes.link;

import java.time.Duration;
import java.util.Optional;

/**
 * What a device shows at CONNECT; either half may be absent.
 *
 * @param renewal how long after it was made the connection is to be made anew with another one;
 *     empty for a credential that doesn't end
 */
public record Credential(
    Optional<String> username, Optional<String> password, Optional<Duration> renewal) {
  static final Credential NONE = new Credential(Optional.empty(), Optional.empty());

  public Credential(Optional<String> username, Optional<String> password) {
    this(username, password, Optional.empty());
  }

  /** Without the password, whoever logs it. */
  @Override
  public String toString() {
    return "Credential[" + username.orElse("") + "]";
  }
}
