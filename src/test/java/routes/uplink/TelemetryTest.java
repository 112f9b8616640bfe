package routes.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TelemetryTest {
  private static final String SAMPLES = "telemetry.edge-1.metrics";

  /**
   * @param headers alternating names and values
   */
  private static Telemetry read(String subject, Object body, String... headers) {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    exchange.getMessage().setHeader("CamelNatsSubject", subject);
    exchange.getMessage().setBody(body);
    for (int i = 0; i < headers.length; i += 2) {
      exchange.getMessage().setHeader(headers[i], headers[i + 1]);
    }
    return Telemetry.of(exchange);
  }

  private static boolean isText(String contentType, byte[] payload) {
    return read(SAMPLES, payload, "Content-Type", contentType).isText();
  }

  @ParameterizedTest
  @CsvSource({
    "telemetry.edge-1.metrics,         edge-1,  metrics",
    "telemetry.edge-1.press1,          edge-1,  press1",
    "telemetry.press_7.line.2.state,   press_7, line.2.state",
    "telemetry.edge-1.commands.x,      edge-1,  commands.x",
    "telemetry.edge-1.Commands,        edge-1,  Commands",
    "telemetry.edge-1.telemetry.a.b,   edge-1,  telemetry.a.b"
  })
  void takesDeviceAndKindFromTheSubject(String subject, String device, String kind) {
    Telemetry telemetry = read(subject, new byte[0]);
    assertThat(telemetry.device()).isEqualTo(device);
    assertThat(telemetry.kind()).isEqualTo(kind);
  }

  @Test
  void acceptsTheLongestDeviceAndKind() {
    Telemetry telemetry = read("telemetry." + "d".repeat(128) + "." + "k".repeat(64), new byte[0]);
    assertThat(telemetry.device()).hasSize(128);
    assertThat(telemetry.kind()).hasSize(64);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "telemetry",
        "telemetry.edge-1",
        "telemetry.edge-1.",
        "telemetry..metrics",
        "telemetry.edge 1.metrics",
        "telemetry.edge:1.metrics",
        "telemetry.edgé.metrics",
        "telemetry.edge-1.a b",
        "telemetry.edge-1.a/b",
        "telemetry.edge-1.a+",
        "telemetry.edge-1.#",
        "telemetry.edge-1.ä",
        "telemetry.edge-1.metrics\n",
        "metrics.edge-1",
        "xtelemetry.edge-1.metrics"
      })
  void rejectsAnyOtherSubject(String subject) {
    notAllowed(subject);
  }

  @Test
  void rejectsALongKindOrDevice() {
    notAllowed("telemetry.edge-1." + "k".repeat(65));
    notAllowed("telemetry." + "d".repeat(129) + ".metrics");
  }

  @Test
  void theKindCommandsIsReserved() {
    notAllowed("telemetry.edge-1.commands");
  }

  @Test
  void rejectsAMessageWithoutASubject() {
    assertThatThrownBy(() -> read(null, new byte[0]))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageStartingWith("subject \"\" is not allowed");
  }

  private static void notAllowed(String subject) {
    assertThatThrownBy(() -> read(subject, new byte[0]))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessage(
            "subject \""
                + subject.replaceAll("[^\\x20-\\x7E]", "?")
                + "\" is not allowed; use telemetry.<device>.<kind> with a kind of 1 to 64 of A-Z"
                + " a-z 0-9 _ . -, other than commands");
  }

  @Test
  void takesIdAndContentTypeFromTheHeaders() {
    Telemetry telemetry =
        read(SAMPLES, new byte[0], "Nats-Msg-Id", "01J", "Content-Type", "text/csv; charset=utf-8");
    assertThat(telemetry.id()).isEqualTo("01J");
    assertThat(telemetry.contentType()).isEqualTo("text/csv; charset=utf-8");
  }

  @Test
  void isJsonWithoutAnIdByDefault() {
    for (Telemetry telemetry :
        new Telemetry[] {
          read(SAMPLES, new byte[0]),
          read(SAMPLES, new byte[0], "Nats-Msg-Id", "", "Content-Type", " ")
        }) {
      assertThat(telemetry.id()).isNull();
      assertThat(telemetry.contentType()).isEqualTo("application/json");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Nats-Msg-Id", "Content-Type"})
  void rejectsLongHeadersAndControlCharacters(String header) {
    read(SAMPLES, new byte[0], header, "x".repeat(1024));
    for (String value : new String[] {"x".repeat(1025), "a\nb", "a\u0000", "a\u007f", "a\u0085"}) {
      assertThatThrownBy(() -> read(SAMPLES, new byte[0], header, value))
          .isInstanceOf(InvalidMessageException.class)
          .hasMessage(
              "header "
                  + header
                  + " is not allowed; use at most 1024 characters without control characters");
    }
  }

  @Test
  void passesBytesUnchanged() {
    byte[] binary = {(byte) 0xFF, 0, 'x'};
    assertThat(read(SAMPLES, binary).payload()).isSameAs(binary);
    assertThat(read(SAMPLES, "ä").payload()).isEqualTo("ä".getBytes(StandardCharsets.UTF_8));
    assertThat(read(SAMPLES, null).payload()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "application/json,                    true",
    "Application/JSON,                    true",
    "application/json;charset=utf-8,      true",
    "'application/json ; charset=UTF-8',  true",
    "application/senml+json,              true",
    "application/xml,                     true",
    "application/soap+xml,                true",
    "application/yaml,                    true",
    "text/plain,                          true",
    "text/csv,                            true",
    "application/octet-stream,            false",
    "application/cbor,                    false",
    "application/jsonx,                   false",
    "application/senml+cbor,              false",
    "image/png,                           false",
    "json,                                false"
  })
  void theContentTypeDecidesWhetherItIsText(String type, boolean text) {
    assertThat(isText(type, "{\"ä\":1}".getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
    assertThat(isText(type, new byte[0])).isEqualTo(text);
  }

  @Test
  void bytesThatAreNotUtf8AreNotText() {
    assertThat(isText("application/json", new byte[] {'"', (byte) 0xC3, '"'})).isFalse();
    assertThat(isText("text/plain", new byte[] {(byte) 0xFF})).isFalse();
    assertThat(isText("text/plain", "ä".getBytes(StandardCharsets.ISO_8859_1))).isFalse();
    // an unpaired surrogate
    assertThat(isText("text/plain", new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})).isFalse();
  }
}
