package routes.link;

import java.time.Duration;
import java.util.Optional;

/**
 * The user name and password of a CONNECT; either may be absent.
 *
 * @param renewal how long after its creation the link reconnects with a new credential; empty for a
 *     credential that does not expire
 */
public record Credential(
    Optional<String> username, Optional<String> password, Optional<Duration> renewal) {
  static final Credential NONE = new Credential(Optional.empty(), Optional.empty());

  public Credential(Optional<String> username, Optional<String> password) {
    this(username, password, Optional.empty());
  }

  /** Omits the password. */
  @Override
  public String toString() {
    return "Credential[" + username.orElse("") + "]";
  }
}
