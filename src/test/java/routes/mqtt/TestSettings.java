package routes.mqtt;

import java.time.Duration;

/** Settings of clients for tests. */
final class TestSettings {
  private TestSettings() {}

  static Mqtt5Settings client(String url, String id, int inFlight, Duration publishTimeout) {
    BrokerUrl broker = BrokerUrl.parse("mqtt.url", url);
    ConnectionPolicy policy =
        new ConnectionPolicy(
            "mqtt",
            broker.address(),
            inFlight,
            publishTimeout,
            Duration.ofMillis(50),
            Duration.ofMillis(400));
    return new Mqtt5Settings(broker, id, () -> null, Duration.ofSeconds(10), policy);
  }
}
