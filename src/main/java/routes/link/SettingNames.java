package routes.link;

import routes.settings.Settings;
import routes.tls.TlsFiles;

/**
 * The settings that errors of a connection point at; null where a gateway has no such setting.
 *
 * @param ca the PEM file with the broker's CA
 * @param certificate the PEM file with this device's certificate
 * @param privateKey the PEM file with its key
 * @param credential what CONNECT shows, such as "mqtt.username, mqtt.password"
 * @param clientId where the client id comes from
 * @param address where to connect
 * @param topic the topic of telemetry
 */
public record SettingNames(
    String ca,
    String certificate,
    String privateKey,
    String credential,
    String clientId,
    String address,
    String topic) {
  /** The TLS that these files make. */
  public TlsFiles tls(Settings settings) {
    return new TlsFiles(settings, ca, certificate, privateKey);
  }
}
