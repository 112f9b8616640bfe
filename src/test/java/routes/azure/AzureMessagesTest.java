package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.paho.PahoConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes from the hub and what goes back, without a connection. */
class AzureMessagesTest {
  private final AzureTopics topics =
      new AzureTopics(ConnectionString.parse("HostName=h.net;DeviceId=edge-1;x509=true"), Map.of());

  private static Exchange exchange(String topic, String body) {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    exchange.getMessage().setHeader(PahoConstants.MQTT_TOPIC, topic);
    exchange.getMessage().setBody(body.getBytes());
    return exchange;
  }

  private Exchange arrived(String topic, String body) {
    Exchange exchange = exchange(topic, body);
    new AzureInbound(topics, new SimpleMeterRegistry()).read(exchange);
    return exchange;
  }

  private static Exchange answered(Exchange exchange, int status, String reply) throws Exception {
    exchange.getMessage().setHeader(AzureAnswer.STATUS, status);
    exchange.getMessage().setBody(reply.getBytes());
    new AzureAnswer().set(exchange);
    return exchange;
  }

  private static String command(Exchange exchange) {
    return exchange.getMessage().getHeader(AzureInbound.COMMAND, String.class);
  }

  private static String topic(Exchange exchange) {
    return exchange.getMessage().getHeader(PahoConstants.CAMEL_PAHO_OVERRIDE_TOPIC, String.class);
  }

  private static String body(Exchange exchange) {
    return exchange.getMessage().getBody(String.class);
  }

  @Test
  void aDirectMethodIsACommandAndItsReplyGoesBack() throws Exception {
    Exchange exchange = arrived("$iothub/methods/POST/ping/?$rid=1f", "{\"a\":1}");
    assertThat(command(exchange)).isEqualTo("ping");
    assertThat(body(exchange)).isEqualTo("{\"a\":1}");
    answered(exchange, 200, "{\"pong\":true}");
    assertThat(topic(exchange)).isEqualTo("$iothub/methods/res/200/?$rid=1f");
    assertThat(body(exchange)).isEqualTo("{\"pong\":true}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"'' | null", "done | \"done\"", "{\"a\":1}} | \"{\\\"a\\\":1}}\"", "17 | 17"})
  void anAnswerIsAlwaysJson(String reply, String sent) throws Exception {
    Exchange exchange = arrived("$iothub/methods/POST/ping/?$rid=1", "{}");
    assertThat(body(answered(exchange, 200, reply))).isEqualTo(sent);
  }

  @Test
  void anAnswerAboveTheHubsLimitBecomesAnError() throws Exception {
    Exchange exchange = arrived("$iothub/methods/POST/ping/?$rid=1", "{}");
    answered(exchange, 200, "x".repeat((128 << 10) + 1));
    assertThat(topic(exchange)).isEqualTo("$iothub/methods/res/413/?$rid=1");
    assertThat(body(exchange))
        .isEqualTo(
            "{\"status\":413,\"error\":\"the reply is 131073 bytes, the hub takes 131072\"}");
  }

  @Test
  void aMessageWithTheCommandAsItsPropertyIsAnsweredAsTelemetry() throws Exception {
    Exchange exchange =
        arrived(
            "devices/edge-1/messages/devicebound/%24.mid=m%201&%24.to=%2Fdevices%2Fedge-1%2Fmessages"
                + "%2FdeviceBound&command=ping",
            "{}");
    assertThat(command(exchange)).isEqualTo("ping");
    answered(exchange, 403, "{}");
    assertThat(topic(exchange))
        .isEqualTo(
            "devices/edge-1/messages/events/$.ct=application%2Fjson&$.ce=utf-8&$.cid=m%201"
                + "&command=ping&status=403");
  }

  @Test
  void itsCorrelationIdComesBeforeItsOwn() throws Exception {
    Exchange exchange =
        arrived("devices/edge-1/messages/devicebound/%24.mid=1&%24.cid=c&command=ping", "{}");
    assertThat(topic(answered(exchange, 200, "{}"))).contains("$.cid=c&");
  }

  @Test
  void withoutAnIdTheMessageGetsNoAnswer() throws Exception {
    Exchange exchange = arrived("devices/edge-1/messages/devicebound/command=ping", "{}");
    assertThat(command(exchange)).isEqualTo("ping");
    exchange.getMessage().setHeader(PahoConstants.CAMEL_PAHO_OVERRIDE_TOPIC, "stray");
    assertThat(topic(answered(exchange, 200, "{}"))).isNull();
  }

  @Test
  void desiredPropertiesChangedOrAskedFor() {
    String changed = "{\"period\":\"5s\",\"$version\":4}";
    Exchange patch = arrived("$iothub/twin/PATCH/properties/desired/?$version=4", changed);
    assertThat(patch.getProperty(AzureInbound.DESIRED)).isEqualTo(true);
    assertThat(body(patch)).isEqualTo(changed);
    Exchange twin =
        arrived(
            "$iothub/twin/res/200/?$rid=desired",
            "{\"desired\":" + changed + ",\"reported\":{\"$version\":1}}");
    assertThat(twin.getProperty(AzureInbound.DESIRED)).isEqualTo(true);
    assertThat(body(twin)).isEqualTo(changed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$iothub/twin/res/204/?$rid=reported&$version=2 | ''",
        "$iothub/twin/res/400/?$rid=reported | {\"errorCode\":400004}",
        "$iothub/twin/res/429/?$rid=desired | ''",
        "$iothub/twin/res/200/?$rid=desired | no JSON",
        "$iothub/twin/res/200/?$rid=desired | {\"desired\":[]}",
        "$iothub/twin/res/ok/?$rid=desired | {}",
        "$iothub/twin/res/200 | {}",
        "$iothub/twin/PATCH/properties/desired/?$version=4 | 17",
        "$iothub/twin/PATCH/properties/desired/?$version=4 | ''",
        "$iothub/methods/POST/ping | {}",
        "$iothub/methods/POST/ | {}",
        "devices/edge-1/messages/devicebound/ | {}",
        "devices/edge-1/messages/devicebound/%zz | {}",
        "devices/edge-2/messages/devicebound/command=ping | {}",
        "'' | {}",
      })
  void anythingElseIsDroppedWithoutAnException(String topic, String body) {
    Exchange exchange = arrived(topic, body);
    assertThat(command(exchange)).isNull();
    assertThat(exchange.getProperty(AzureInbound.DESIRED)).isNull();
  }

  private static Exchange reported(String json) {
    Exchange exchange = exchange("", json);
    new AzureReported().set(exchange);
    return exchange;
  }

  @Test
  void anInventoryBecomesWhatATwinMayHold() {
    Exchange exchange =
        reported(
            "{\"labels\":{\"a.b $c\\u0001\":\"x\"},\"memory\":8325005312,\"big\":4503599627370496,"
                + "\"disks\":[{\"name\":\"sda\",\"size.b\":1}],\"none\":null,\"text\":\""
                + "x".repeat(5000)
                + "\"}");
    assertThat(topic(exchange)).isEqualTo("$iothub/twin/PATCH/properties/reported/?$rid=reported");
    assertThat(body(exchange))
        .isEqualTo(
            "{\"labels\":{\"a_b__c_\":\"x\"},\"memory\":8325005312,\"big\":\"4503599627370496\","
                + "\"disks\":[{\"name\":\"sda\",\"size_b\":1}],\"none\":null,\"text\":\""
                + "x".repeat(1024)
                + "\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "17", "{", "no JSON"})
  void whatIsNoObjectIsNoInventory(String body) {
    assertThatThrownBy(() -> reported(body))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("reported properties should be a JSON object");
  }

  @Test
  void anInventoryThatNoTwinCanHoldFails() {
    String disks = "{\"name\":\"" + "x".repeat(1000) + "\"},";
    assertThatThrownBy(() -> reported("{\"disks\":[" + disks.repeat(33) + "{}]}"))
        .hasMessageStartingWith("too large for a twin: ");
  }
}
