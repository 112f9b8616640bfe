package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.jetstream.LogLines;

/** Stock nats: endpoints on the shared connection. */
class BusConnectionTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private BusContext context() throws Exception {
    return context(nats);
  }

  private static BusContext context(NatsServer nats) throws Exception {
    BusContext edge = new BusContext(nats);
    RouteBuilder.addRoutes(
        edge.camel,
        routes -> {
          routes.errorHandler(routes.noErrorHandler());
          routes
              .from("nats:commands.echo?connection=#nats&queueName=echo")
              .routeId("commands")
              .setBody(routes.body().append("!"));
          routes
              .from("direct:publish")
              .to(
                  "nats:telemetry.test.metrics?connection=#nats&jetstreamEnabled=true&jetstreamName=TELEMETRY");
        });
    return edge;
  }

  private String request(String body) throws Exception {
    Message reply =
        nats.connection()
            .request("commands.echo", body.getBytes(StandardCharsets.UTF_8), Duration.ofSeconds(1));
    return reply == null ? null : new String(reply.getData(), StandardCharsets.UTF_8);
  }

  private static Exchange publish(BusContext edge, String body) {
    return edge.camel
        .createFluentProducerTemplate()
        .to("direct:publish")
        .withBody(body.getBytes(StandardCharsets.UTF_8))
        .send();
  }

  @Test
  void aSubscriptionCreatedWithoutNatsWorksOnceConnected() throws Exception {
    nats.kill();
    try (LogLines log = new LogLines();
        BusContext edge = context().start()) {
      assertThat(edge.camel.getRouteController().getRouteStatus("commands").isStarted()).isTrue();
      soon().until(() -> edge.bus.lastError().isPresent());
      nats.start();
      soon().ignoreExceptions().until(() -> "hi!".equals(request("hi")));
      assertThat(log.with("WARN")).hasSize(1); // NATS is unavailable
    }
  }

  @Test
  void aSubscriptionSurvivesAServerRestart() throws Exception {
    try (BusContext edge = context().start()) {
      soon().ignoreExceptions().until(() -> "1!".equals(request("1")));
      for (int i = 0; i < 3; i++) {
        nats.kill();
        soon().until(() -> !edge.bus.connected());
        nats.start();
        soon().ignoreExceptions().until(() -> "2!".equals(request("2")));
      }
    }
  }

  @Test
  void aPublishWithoutNatsFailsWithOneLine() throws Exception {
    try (BusContext edge = context().start()) {
      edge.awaitStreams();
      assertThat(publish(edge, "1").getException()).isNull();
      nats.kill();
      soon().until(() -> !edge.bus.connected());
      long start = System.nanoTime();
      assertThat(publish(edge, "2").getException())
          .hasMessage("NATS at 127.0.0.1:" + nats.port() + " is unavailable");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      nats.start();
      edge.awaitStreams();
      assertThat(publish(edge, "3").getException()).isNull();
    }
  }

  @Test
  void aPublishToAServerWithoutJetStreamFails() throws Exception {
    try (NatsServer plain = new NatsServer("--without-jetstream").open();
        BusContext edge = context(plain).start()) {
      soon().until(() -> edge.bus.connected());
      assertThat(publish(edge, "1").getException()).hasMessageContaining("has no JetStream");
    }
  }

  @Test
  void routesStopAndStartWithAndWithoutNats() throws Exception {
    try (LogLines log = new LogLines();
        BusContext edge = context().start()) {
      soon().ignoreExceptions().until(() -> "1!".equals(request("1")));
      edge.camel.getRouteController().stopRoute("commands");
      assertThat(request("1")).isNull();
      edge.camel.getRouteController().startRoute("commands");
      soon().ignoreExceptions().until(() -> "1!".equals(request("1")));
      nats.kill();
      soon().until(() -> !edge.bus.connected());
      edge.camel.getRouteController().stopRoute("commands");
      edge.camel.getRouteController().startRoute("commands");
      edge.camel.getRouteController().stopRoute("commands");
      edge.camel.getRouteController().startRoute("commands");
      nats.start();
      soon().ignoreExceptions().until(() -> "2!".equals(request("2")));
      assertThat(log.with("Error during")).isEmpty();
    }
  }

  @Test
  void theSharedConnectionHidesSecretsAndCannotBeClosed() throws Exception {
    try (BusContext edge = context().start()) {
      edge.awaitStreams();
      Connection shared = edge.camel.getRegistry().lookupByNameAndType("nats", Connection.class);
      shared.close();
      assertThat(shared.getStatus()).isEqualTo(Connection.Status.CONNECTED);
      assertThat(shared).hasToString("NATS at 127.0.0.1:" + nats.port());
      assertThat(shared.equals(shared)).isTrue();
      assertThat(shared.hashCode()).isEqualTo(System.identityHashCode(shared));
    }
  }
}
