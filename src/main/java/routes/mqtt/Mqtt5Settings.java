package routes.mqtt;

import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Where and as whom an MQTT 5 client connects.
 *
 * @param tls asked at each connect to ssl:// and wss://
 * @param keepAlive the longest silence before a ping; whole seconds, 0 for none
 */
record Mqtt5Settings(
    BrokerUrl url,
    String clientId,
    Supplier<SSLContext> tls,
    Duration keepAlive,
    ConnectionPolicy policy) {}
