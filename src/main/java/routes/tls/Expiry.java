package routes.tls;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * When a certificate or credential in use expires.
 *
 * @param name the setting it comes from, such as mqtt.certificate; mqtt.server is the certificate
 *     that the server presented
 * @param own whether this device's owner renews it
 * @param at null while it is unknown, or if it never expires
 */
public record Expiry(String name, boolean own, Supplier<Instant> at) {
  public Optional<Instant> end() {
    return Optional.ofNullable(at.get());
  }
}
