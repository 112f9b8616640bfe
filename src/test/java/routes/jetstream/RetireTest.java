package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.sandbox.FaultProxy;

/** Many gateways that stop at once, as at shutdown or when the network fails. */
@Timeout(120)
class RetireTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  /** jnats closes a connection with more than a few outstanding pings, and each drain sends one. */
  @Test
  void theConnectionSurvivesIt() throws Exception {
    try (FaultProxy far = FaultProxy.faraway(nats.port(), Duration.ofMillis(300));
        BusContext edge = new BusContext(nats, "nats.servers", "nats://127.0.0.1:" + far.port())) {
      for (int i = 0; i < 8; i++) {
        String from =
            "jetstream:telemetry.test.>?jetstreamName=TELEMETRY&inFlight=4&durableName=gateway-";
        edge.route("gateway-" + i, from + i, exchange -> {});
      }
      edge.start().awaitStreams();
      edge.publish(0, 10);
      List<JetStreamConsumer> consumers = new ArrayList<>();
      edge.camel
          .getRoutes()
          .forEach(route -> consumers.add((JetStreamConsumer) route.getConsumer()));
      soon().until(() -> consumers.stream().allMatch(consumer -> consumer.delivered() == 10));
      consumers.forEach(JetStreamConsumer::retire);
      soon().until(() -> consumers.stream().allMatch(JetStreamConsumer::isIdle));
      assertThat(edge.bus.connected()).isTrue();
      assertThat(edge.bus.reconnects()).isZero();
    }
  }
}
