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
  void whatUsersWrite(String text, String url) {
    assertThat(BrokerUrl.parse("mqtt.url", text)).hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host:1883", "host", "http://host", "tcp://", "tcp://:1883", "tcp://host:0",
        "tcp://host:70000", "tcp://host:x", "tcp://host/path", "tcp://ho st", "://", "tcp:host"
      })
  void whatIsNoAddress(String text) {
    assertThatThrownBy(() -> BrokerUrl.parse("mqtt.url", text))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "mqtt.url: \"%s\" is no broker's address: it should be tcp://host:1883,"
                + " ssl://host:8883, ws://host/path or wss://host/path",
            text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp://user:pass@host", "wss://token@host/mqtt", "tcp://a:b@c:d"})
  void aSecretInTheAddressIsRefusedAndNotRepeated(String text) {
    assertThatThrownBy(() -> BrokerUrl.parse("mqtt.url", text))
        .hasMessage("mqtt.url: holds a user name or password: they have settings of their own");
  }

  /** A decoded # would make the address another one when it is written again. */
  @ParameterizedTest
  @ValueSource(strings = {"wss://ho%23st/mqtt", "wss://ho&st?token=s3cret", "ws://h\u00e9/x"})
  void aHostOfOtherCharactersIsRefusedAndTheRestNotRepeated(String text) {
    assertThatThrownBy(() -> BrokerUrl.parse("mqtt.url", text))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(
            "mqtt.url: \"" + text.substring(0, text.startsWith("ws:") ? 6 : 8) + "...\"");
  }
}
