package routes.mqtt;

import java.util.Optional;

/** What a device shows at CONNECT; either half may be absent. */
record Credential(Optional<String> username, Optional<String> password) {
  static final Credential NONE = new Credential(Optional.empty(), Optional.empty());

  /** Without the password, whoever logs it. */
  @Override
  public String toString() {
    return "Credential[" + username.orElse("") + "]";
  }
}
