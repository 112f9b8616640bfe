package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.jetstream.LogLines;

/** Headers that jnats cannot read, from a publisher that sends them anyway. */
class ReadableHeadersTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final List<Map<String, Object>> headers = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();

  /** Sends HPUB over a plain socket. */
  private void publish(String block, String body) throws Exception {
    byte[] head = block.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(
        "CONNECT {\"headers\":true,\"verbose\":false,\"pedantic\":false}\r\n".getBytes());
    int total = head.length + body.length();
    all.writeBytes(
        ("HPUB telemetry.test.metrics " + head.length + " " + total + "\r\n").getBytes());
    all.writeBytes(head);
    all.writeBytes((body + "\r\nPING\r\n").getBytes());
    try (Socket socket = new Socket("127.0.0.1", nats.port())) {
      socket.getOutputStream().write(all.toByteArray());
      InputStream in = socket.getInputStream();
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("PONG") < 0) {
        int b = in.read();
        assertThat(b).as("NATS said %s", answer).isNotNegative();
        answer.append((char) b);
      }
    }
  }

  @Test
  void aMessageWithUnreadableHeadersArrivesAndDelaysNoOther() throws Exception {
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats)) {
      edge.gateway(
              "inFlight=1",
              exchange -> {
                headers.add(exchange.getIn().getHeaders());
                bodies.add(exchange.getIn().getBody(String.class));
              })
          .start();
      edge.awaitStreams();
      publish("NATS/1.0\r\nplace: Köln\r\nsite: a\r\n\r\n", "1");
      publish("NATS/1.0\r\nno header\r\nsite: b\r\n\r\n", "2");
      publish("rubbish\r\n\r\n", "3");
      publish("NATS/1.0\r\nsite: d", "4");
      publish("NATS/1.0\r\n: empty\r\nsite: e\r\n\r\n", "5");
      publish("\r\n", "6");
      edge.publish(7, 8);
      soon().until(() -> bodies.size() == 7);
      assertThat(bodies).containsExactly("1", "2", "3", "4", "5", "6", "7");
      assertThat(headers.get(0)).containsEntry("place", "K??ln").containsEntry("site", "a");
      assertThat(headers.get(1)).containsEntry("site", "b");
      assertThat(headers.get(3)).containsEntry("site", "d");
      assertThat(headers.get(4)).containsEntry("site", "e");
      assertThat(edge.bus.reconnects()).isZero();
      assertThat(log.with("dropped unreadable headers")).hasSize(1);
      soon().until(() -> edge.info().getNumAckPending() == 0);
    }
  }
}
