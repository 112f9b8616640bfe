package routes.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import routes.uplink.Telemetry;

class GzipTest {
  private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

  private byte[] compressed(Object body) throws Exception {
    exchange.getIn().setBody(body);
    new Gzip().process(exchange);
    return exchange.getIn().getBody(byte[].class);
  }

  @Test
  void compressesAndSetsTheEncoding() throws Exception {
    String text = "{\"t\":71}".repeat(100);
    byte[] bytes = compressed(text);
    assertThat(bytes.length).isLessThan(100);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes())
        .isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    assertThat(exchange.getIn().getHeader(Telemetry.CONTENT_ENCODING)).isEqualTo("gzip");
  }

  @Test
  void keepsPayloadsThatWouldGrow() throws Exception {
    assertThat(compressed("{\"t\":71}")).asString().isEqualTo("{\"t\":71}");
    assertThat(exchange.getIn().getHeader(Telemetry.CONTENT_ENCODING)).isNull();
  }

  @Test
  void compressesNothingTwice() throws Exception {
    byte[] once = compressed("x".repeat(1000));
    assertThat(compressed(once)).isEqualTo(once);
  }
}
