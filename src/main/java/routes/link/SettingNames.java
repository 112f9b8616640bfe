package routes.link;

import routes.settings.Settings;
import routes.tls.TlsFiles;

/**
 * Names of the settings that connection errors refer to; null where a gateway has no such setting.
 *
 * @param ca the PEM file with the broker's CA
 * @param certificate the PEM file with this device's certificate
 * @param privateKey the PEM file with that certificate's key
 * @param credential what CONNECT authenticates with, such as "mqtt.username, mqtt.password"
 * @param clientId where the client id comes from
 * @param address where to connect
 * @param topic the telemetry topic
 */
public record SettingNames(
    String ca,
    String certificate,
    String privateKey,
    String credential,
    String clientId,
    String address,
    String topic) {
  /** Returns the TLS that these files configure. */
  public TlsFiles tls(Settings settings) {
    return new TlsFiles(settings, ca, certificate, privateKey);
  }
}
