package routes.azure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import routes.link.Credential;
import routes.settings.SettingException;

/**
 * What the device shows at CONNECT: a user name that names hub, device and API version, and a SAS
 * token of that moment, the given one, or with X.509 no password
 * (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub).
 *
 * @param string the connection string, read at each CONNECT: its key may have been rotated
 * @param setting the one with the connection string, for errors
 * @param lifetime of the tokens that are made here, each renewed at 80 % of it
 */
record AzureCredentials(
    Supplier<ConnectionString> string, Duration lifetime, Clock clock, String setting)
    implements Supplier<Credential> {
  private static final String API_VERSION = "2021-04-12";

  /**
   * @throws SettingException when the given token has expired
   */
  @Override
  public Credential get() {
    ConnectionString device = string.get();
    Optional<String> user =
        Optional.of(device.hostName() + "/" + device.clientId() + "/?api-version=" + API_VERSION);
    if (device.key().isPresent()) {
      // A token's end has no fractions: up, or a short one would end before its renewal.
      Instant expiry = clock.instant().plus(lifetime).plusMillis(999);
      SasToken token = SasToken.sign(device.resource(), device.key().get(), expiry);
      return new Credential(
          user, Optional.of(token.text()), Optional.of(lifetime.multipliedBy(4).dividedBy(5)));
    }
    checkGiven(device);
    return new Credential(user, device.signature().map(SasToken::text));
  }

  /**
   * @throws SettingException when there is a given token that has expired
   */
  private void checkGiven(ConnectionString device) {
    if (device.signature().isPresent()
        && !device.signature().get().expiry().isAfter(clock.instant())) {
      throw new SettingException(
          setting,
          "its SharedAccessSignature ended at "
              + device.signature().get().expiry()
              + ": it should hold a new one, or SharedAccessKey=..., from which this program makes"
              + " a new one in time");
    }
  }
}
