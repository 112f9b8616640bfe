package routes.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static routes.jetstream.BusContext.soon;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Language;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.NatsServer;
import routes.jetstream.JetStreamConstants;
import routes.routefiles.StrictJq;

class DeadbandTest {
  @RegisterExtension final NatsServer nats = new NatsServer().awayAtFirst();

  private final DefaultCamelContext camel = new DefaultCamelContext();
  private volatile Instant now = Instant.parse("2026-11-23T10:00:00Z");
  private ProducerTemplate template;

  @BeforeEach
  void start() {
    camel.getRegistry().bind("jq-language", Language.class, () -> new StrictJq());
    camel.getRegistry().bind("clock", InstantSource.class, (InstantSource) () -> now);
    new StepsConfiguration().configure(camel);
    camel.start();
    template = camel.createProducerTemplate();
  }

  @AfterEach
  void stop() throws Exception {
    camel.close();
  }

  private boolean passes(String options, String subject, String body) {
    Exchange sent =
        template.request(
            "deadband?" + options,
            exchange -> {
              exchange.getIn().setBody(body);
              exchange.getIn().setHeader(JetStreamConstants.SUBJECT, subject);
            });
    assertThat(sent.getException()).isNull();
    return !sent.isRouteStop();
  }

  private boolean passes(String options, String body) {
    return passes(options, "telemetry.a.b", body);
  }

  @Test
  void comparesWithTheLastMessageThatPassed() {
    String band = "value=.t&absolute=1";
    assertThat(passes(band, "{\"t\":10}")).isTrue();
    assertThat(passes(band, "{\"t\":10.9}")).isFalse();
    assertThat(passes(band, "{\"t\":11}")).isFalse();
    assertThat(passes(band, "{\"t\":11.1}")).isTrue();
    assertThat(passes(band, "{\"t\":10.2}")).isFalse();
    assertThat(passes(band, "telemetry.other.b", "{\"t\":10.2}")).isTrue();
  }

  @Test
  void percentIsRelativeToTheLastValue() {
    String band = "value=.t&percent=10";
    assertThat(passes(band, "{\"t\":-100}")).isTrue();
    assertThat(passes(band, "{\"t\":-109}")).isFalse();
    assertThat(passes(band, "{\"t\":-111}")).isTrue();
    assertThat(passes(band, "{\"t\":0}")).isTrue();
    assertThat(passes(band, "{\"t\":0.001}")).isTrue();
    assertThat(passes(band, "{\"t\":0.001}")).isFalse();
  }

  @Test
  void aChangeMustExceedBothBands() {
    String band = "value=.t&percent=10&absolute=1";
    assertThat(passes(band, "{\"t\":1}")).isTrue();
    assertThat(passes(band, "{\"t\":1.9}")).isFalse();
    assertThat(passes(band, "{\"t\":100}")).isTrue();
    assertThat(passes(band, "{\"t\":105}")).isFalse();
  }

  @Test
  void theFirstMessageAfterTheLongestSilencePasses() {
    String band = "value=.t&absolute=1&silence=10m";
    assertThat(passes(band, "{\"t\":10}")).isTrue();
    now = now.plus(Duration.ofMinutes(9));
    assertThat(passes(band, "{\"t\":10}")).isFalse();
    now = now.plus(Duration.ofMinutes(1));
    assertThat(passes(band, "{\"t\":10}")).isTrue();
    now = now.plus(Duration.ofMinutes(9));
    assertThat(passes(band, "{\"t\":10}")).isFalse();
  }

  @Test
  void anyOfSeveralNumbersMayChange() {
    String band = "value=.m&absolute=1";
    assertThat(passes(band, "{\"m\":{\"a\":1,\"b\":[2,3]}}")).isTrue();
    assertThat(passes(band, "{\"m\":{\"a\":1,\"b\":[2,3.5]}}")).isFalse();
    assertThat(passes(band, "{\"m\":{\"a\":1,\"b\":[2,5]}}")).isTrue();
    assertThat(passes(band, "{\"m\":{\"a\":1,\"b\":[2]}}")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"t\":\"warm\"}", "{\"t\":{\"x\":\"y\"}}", "[]", "no JSON", ""})
  void aMessageWithoutANumberPasses(String body) {
    assertThat(passes("value=.t&absolute=1", body)).isTrue();
    assertThat(passes("value=.t&absolute=1", body)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"value=.t", "absolute=1", "value=.t&absolut=1"})
  void rejectsAnInvalidOption(String options) {
    assertThatThrownBy(() -> camel.getEndpoint("deadband?" + options)).isNotNull();
  }

  @Test
  void keepsAPlusSignInTheExpression() {
    String band = "value=.a+.b + 1&absolute=1";
    assertThat(passes(band, "{\"a\":1,\"b\":2}")).isTrue();
    assertThat(passes(band, "{\"a\":1,\"b\":2.9}")).isFalse();
    assertThat(passes(band, "{\"a\":1,\"b\":3.1}")).isTrue();
  }

  @Test
  void doesNotCompareAFailedMessageWithItself() throws Exception {
    nats.start();
    List<String> tries = new CopyOnWriteArrayList<>();
    try (EdgeContext edge = new EdgeContext(nats)) {
      RouteBuilder.addRoutes(
          edge.bus.camel,
          routes ->
              routes
                  .from("jetstream:telemetry.test.>?jetstreamName=TELEMETRY")
                  .routeId("gateway-test")
                  .to("deadband?value=.t&absolute=1")
                  .process(
                      exchange -> {
                        tries.add(exchange.getMessage().getBody(String.class));
                        if (tries.size() == 1) {
                          throw new IllegalStateException("refused");
                        }
                      }));
      edge.start();
      edge.publish("telemetry.test.press1", "{\"t\":1}");
      soon().until(() -> edge.settled("gateway-test"));
      assertThat(tries).containsExactly("{\"t\":1}", "{\"t\":1}");
    }
  }
}
