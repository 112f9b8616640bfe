package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.NatsServer;
import routes.uplink.Telemetry;

/** A route that publishes a message which it computed from another one. */
class DerivedMessageTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  /** JetStream would drop telemetry with the id of its source; elsewhere the id is useful. */
  @ParameterizedTest
  @CsvSource({"telemetry.test.cpu,", "other.cpu, source-1"})
  void isNotADuplicateOfItsSource(String subject, String id) throws Exception {
    try (BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      Connection own = nats.connection();
      Subscription published = own.subscribe(subject);
      own.flush(Duration.ofSeconds(60));
      AtomicBoolean first = new AtomicBoolean(true);
      edge.gateway(
          "inFlight=8",
          exchange -> {
            if (first.getAndSet(false)) {
              exchange.getMessage().setBody("derived");
              String uri = "nats:" + subject + "?connection=#nats";
              edge.camel.createProducerTemplate().send(uri, exchange);
            }
          });
      Headers headers = new Headers().put(Telemetry.MESSAGE_ID, "source-1");
      own.jetStream().publish("telemetry.test.raw", headers, "raw".getBytes());
      Message derived = published.nextMessage(Duration.ofSeconds(60));
      assertThat(derived.getData()).asString().isEqualTo("derived");
      Headers found = derived.getHeaders();
      assertThat(found == null ? null : found.getFirst(Telemetry.MESSAGE_ID)).isEqualTo(id);
    }
  }
}
