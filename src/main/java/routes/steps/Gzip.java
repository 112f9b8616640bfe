package routes.steps;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import routes.uplink.Telemetry;

/**
 * The bean {@code gzip}: compresses the body and sets the header {@code Content-Encoding}, which
 * each gateway translates for its destination. A body that would become larger is not changed.
 */
public final class Gzip implements Processor {
  @Override
  public void process(Exchange exchange) throws IOException {
    Message message = exchange.getMessage();
    byte[] body = message.getBody(byte[].class);
    if (body == null || message.getHeader(Telemetry.CONTENT_ENCODING) != null) {
      return;
    }
    ByteArrayOutputStream compressed = new ByteArrayOutputStream(body.length / 2 + 32);
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(body);
    }
    if (compressed.size() < body.length) {
      message.setBody(compressed.toByteArray());
      message.setHeader(Telemetry.CONTENT_ENCODING, "gzip");
    }
  }
}
