package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import routes.Fuzz;
import routes.link.MalformedMessageException;
import routes.link.MqttMessage;
import routes.settings.SettingException;
import routes.uplink.Command;
import routes.uplink.Desired;
import routes.uplink.Inbound;
import routes.uplink.Json;
import routes.uplink.Reply;

class AzureFuzzTest {
  private static final String SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ=";
  private static final String TOKEN =
      "SharedAccessSignature sr=h.net%2Fdevices%2Fedge-1&sig="
          + SECRET.replace("=", "%3D")
          + "&se=1893456000";

  private static void isOneLineWithoutSecret(String text) {
    assertThat(text).hasSizeLessThan(1_000).doesNotContainPattern("\\p{Cntrl}");
    for (int i = 0; i + 8 < SECRET.length(); i++) {
      assertThat(text).doesNotContain(SECRET.substring(i, i + 8));
    }
  }

  @Test
  void connectionStrings() {
    Fuzz.text(
        text -> {
          try {
            ConnectionString parsed = ConnectionStringTest.parse(text);
            // A mutation can turn part of a secret into an id, and an id may be shown.
            isOneLineWithoutSecret(parsed.toString().replace(parsed.resource(), ""));
            ConnectionString again = ConnectionStringTest.parse(written(parsed));
            assertThat(again).usingRecursiveComparison().isEqualTo(parsed);
            return true;
          } catch (SettingException e) {
            isOneLineWithoutSecret(e.getMessage());
            return false;
          }
        },
        "HostName=h.azure-devices.net;DeviceId=edge-1;SharedAccessKey=" + SECRET,
        "HostName=h.net;DeviceId=a%40b;ModuleId=m;GatewayHostName=gw.lan;x509=true",
        "HostName=h.net;DeviceId=edge-1;SharedAccessSignature=" + TOKEN);
  }

  private static String written(ConnectionString from) {
    String text =
        "HostName=" + from.hostName() + ";DeviceId=" + Percent.encode(from.deviceId()) + ";";
    text += from.moduleId().map(id -> "ModuleId=" + Percent.encode(id) + ";").orElse("");
    text += from.gateway().map(host -> "GatewayHostName=" + host + ";").orElse("");
    text +=
        from.key()
            .map(key -> "SharedAccessKey=" + Base64.getEncoder().encodeToString(key))
            .orElse("");
    text += from.signature().map(token -> "SharedAccessSignature=" + token.text()).orElse("");
    return from.x509() ? text + "x509=true" : text;
  }

  @Test
  void sasTokens() {
    Fuzz.text(
        text -> {
          try {
            SasToken token = SasToken.given(text);
            isOneLineWithoutSecret(token.toString().replace(token.resource(), ""));
            SasToken signed =
                SasToken.sign(token.resource(), new byte[32], Instant.ofEpochSecond(1_893_456_000));
            assertThat(SasToken.given(signed.text())).isEqualTo(signed);
            return true;
          } catch (IllegalArgumentException e) {
            isOneLineWithoutSecret(e.getMessage());
            return false;
          }
        },
        TOKEN);
  }

  @Test
  void propertyBags() {
    Fuzz.text(
        text -> {
          try {
            Map<String, String> parsed = PropertyBag.parse(text);
            PropertyBag written = new PropertyBag();
            parsed.forEach(written::application);
            assertThat(PropertyBag.parse(written.toString())).isEqualTo(parsed);
            return true;
          } catch (IllegalArgumentException e) {
            return false;
          }
        },
        "",
        "$.mid=1&$.cid=a%20b&command=ping&x",
        "%24.to=%2Fdevices%2Fedge-1%2Fmessages%2FdeviceBound&iothub-ack=full");
  }

  @Test
  void messagesFromTheHub() {
    ConnectionString device = ConnectionStringTest.parse("HostName=h;DeviceId=edge-1;x509=true");
    AzureCommands commands = new AzureCommands(new AzureTopics(device, "edge-1", Map.of()));
    AzureDesired desired = new AzureDesired("azure", () -> {});
    Fuzz.messages(
        (topic, payload) -> {
          MqttMessage message = new MqttMessage(topic, payload);
          Optional<Inbound> read;
          try {
            read = commands.read(message).or(() -> desired.read(message));
          } catch (MalformedMessageException e) {
            return false;
          }
          if (read.orElse(null) instanceof Desired state) {
            assertThat(new String(state.state(), StandardCharsets.UTF_8))
                .startsWith("{")
                .endsWith("}");
          }
          if (read.orElse(null) instanceof Command command) {
            commands
                .reply(message, command, new Reply(200, payload))
                .ifPresent(reply -> assertThat(Json.isJson(reply.payload())).isTrue());
          }
          return read.isPresent();
        },
        "$iothub/methods/POST/ping/?$rid=1|{}",
        "devices/edge-1/messages/devicebound/%24.mid=1&command=ping|{\"a\":1}",
        "$iothub/twin/PATCH/properties/desired/?$version=2|{\"fan\":1,\"$version\":2}",
        "$iothub/twin/res/200/?$rid=desired|{\"desired\":{\"fan\":[1]},\"reported\":{}}");
  }
}
