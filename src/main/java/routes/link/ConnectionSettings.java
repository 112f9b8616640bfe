package routes.link;

import java.util.List;
import routes.tls.TlsFiles;

/**
 * The address and identity with which a device connects.
 *
 * @param tls read for each connection to ssl:// and wss://
 * @param alpn protocols that the TLS handshake requests (RFC 7301); empty for none
 * @param cleanSession whether the broker discards the subscriptions and messages of the previous
 *     connection
 * @param version the MQTT version to request
 * @param names the settings that errors refer to
 */
public record ConnectionSettings(
    BrokerUrl url,
    String clientId,
    TlsFiles tls,
    List<String> alpn,
    boolean cleanSession,
    MqttVersion version,
    SettingNames names,
    ConnectionPolicy policy) {
  /** Such as "localhost:1883 as edge-1". */
  String peer() {
    return url.address() + " as " + clientId;
  }
}
