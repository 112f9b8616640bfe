package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.settings.SettingException;

class BrokerUrlTest {
  @ParameterizedTest
  @CsvSource({
    "tcp://host:1884, tcp://host:1884",
    "tcp://host, tcp://host:1883",
    "tcp://host/, tcp://host:1883",
    "mqtt://host, tcp://host:1883",
    "MQTTS://host, ssl://host:8883",
    "ssl://my_broker.local:8884, ssl://my_broker.local:8884",
    "tcp://[::1]:1883, tcp://[::1]:1883",
    "ws://host, ws://host:80/mqtt",
    "wss://host/broker?x=1, wss://host:443/broker?x=1"
  })
  void acceptsCommonAddresses(String text, String url) {
    assertThat(BrokerUrl.parse("mqtt.url", text)).hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host:1883", "host", "http://host", "tcp://", "tcp://:1883", "tcp://host:0",
        "tcp://host:70000", "tcp://host:x", "tcp://host/path", "tcp://ho st", "://", "tcp:host"
      })
  void rejectsInvalidAddresses(String text) {
    assertThatThrownBy(() -> BrokerUrl.parse("mqtt.url", text))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "mqtt.url: \"%s\" is not a broker address; use tcp://host:1883,"
                + " ssl://host:8883, ws://host/path or wss://host/path",
            text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp://user:pass@host", "wss://token@host/mqtt", "tcp://a:b@c:d"})
  void rejectsASecretInTheAddressWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> BrokerUrl.parse("mqtt.url", text))
        .hasMessage(
            "mqtt.url: contains a user name or password; use the settings for them instead");
  }

  /** A decoded # would change the address when it is formatted again. */
  @ParameterizedTest
  @ValueSource(strings = {"wss://ho%23st/mqtt", "wss://ho&st?token=s3cret", "ws://h\u00e9/x"})
  void rejectsAnInvalidHostWithoutRepeatingTheRest(String text) {
    assertThatThrownBy(() -> BrokerUrl.parse("mqtt.url", text))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(
            "mqtt.url: \"" + text.substring(0, text.startsWith("ws:") ? 6 : 8) + "...\"");
  }
}
