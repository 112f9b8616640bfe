package routes.sandbox;

import io.netty.handler.codec.mqtt.MqttProperties;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * A client's CONNECT (MQTT 5, 3.1; MQTT 3.1.1, 3.1).
 *
 * @param version the protocol level: 4 for 3.1.1, 5 for 5
 * @param certificate the client's, when it came with TLS and showed one
 */
public record Connect(
    String clientId,
    int version,
    boolean cleanStart,
    int keepAlive,
    Optional<String> username,
    Optional<String> password,
    Optional<X509Certificate> certificate,
    MqttProperties properties) {}
