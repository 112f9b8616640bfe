package routes.azure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import routes.link.Credential;
import routes.settings.SettingException;
import routes.tls.Expiry;

/**
 * The user name and password of a CONNECT. The user name contains hub, device and API version. The
 * password is a fresh SAS token or the configured one; with X.509 there is none
 * (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub).
 *
 * @param string the connection string, read at each CONNECT because its key may have been rotated
 * @param setting the setting with the connection string, for errors
 * @param lifetime of the tokens that are created here; each is renewed at 80 % of it
 */
record AzureCredentials(
    Supplier<ConnectionString> string, Duration lifetime, Clock clock, String setting)
    implements Supplier<Credential> {
  private static final String API_VERSION = "2021-04-12";

  /**
   * @throws SettingException if the configured token has expired
   */
  @Override
  public Credential get() {
    ConnectionString device = string.get();
    Optional<String> user =
        Optional.of(device.hostName() + "/" + device.clientId() + "/?api-version=" + API_VERSION);
    if (device.key().isPresent()) {
      // The expiry has whole seconds: round up, or a short token would expire before its renewal.
      Instant expiry = clock.instant().plus(lifetime).plusMillis(999);
      SasToken token = SasToken.sign(device.resource(), device.key().get(), expiry);
      return new Credential(
          user, Optional.of(token.text()), Optional.of(lifetime.multipliedBy(4).dividedBy(5)));
    }
    checkGiven(device);
    return new Credential(user, device.signature().map(SasToken::text));
  }

  /** When the configured token expires; never without one. */
  Expiry expiry() {
    return new Expiry(setting, true, this::givenExpiry);
  }

  private Instant givenExpiry() {
    try {
      return string.get().signature().map(SasToken::expiry).orElse(null);
    } catch (SettingException e) {
      return null; // its file is being replaced
    }
  }

  /**
   * @throws SettingException if there is a configured token and it has expired
   */
  private void checkGiven(ConnectionString device) {
    if (device.signature().isPresent()
        && !device.signature().get().expiry().isAfter(clock.instant())) {
      throw new SettingException(
          setting,
          "its SharedAccessSignature expired at "
              + device.signature().get().expiry()
              + "; replace it, or set SharedAccessKey=... so that tokens are renewed automatically");
    }
  }
}
