package routes.link;

import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Where and as whom a device connects.
 *
 * @param tls asked at each connect to ssl:// and wss://
 * @param alpn protocols that the TLS handshake asks for (RFC 7301); empty for none
 * @param cleanSession whether the broker forgets subscriptions and messages of the connection
 *     before
 * @param version what the broker is asked for
 * @param names the settings that errors point at
 */
public record ConnectionSettings(
    BrokerUrl url,
    String clientId,
    Supplier<SSLContext> tls,
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
