package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.nats.client.Connection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.jetstream.LogLines;
import routes.log.Loops;

/** An error in a follower is reported and does not affect other followers. */
class BusLoopTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  @AfterEach
  void revive() {
    Loops.loop("bus", () -> {}).run();
    Loops.loop("NATS messages", () -> {}).run();
  }

  @Test
  void anErrorStopsTheBusAndIsReported() throws Exception {
    try (BusContext edge = new BusContext(nats)) {
      edge.bus.follow(
          connection -> {
            throw new AssertionError("injected");
          });
      edge.start();
      soon()
          .untilAsserted(
              () ->
                  assertThat(Loops.failed())
                      .containsEntry("bus", "java.lang.AssertionError: injected"));
    }
  }

  @Test
  void anExceptionInOneFollowerDoesNotAffectOthers() throws Exception {
    AtomicReference<Connection> told = new AtomicReference<>();
    try (BusContext edge = new BusContext(nats)) {
      edge.bus.follow(
          connection -> {
            throw new IllegalArgumentException("injected");
          });
      edge.bus.follow(told::set);
      edge.start();
      edge.awaitStreams();
      assertThat(told.get()).isNotNull();
    }
  }

  @Test
  void anErrorInAMessageHandlerIsReported() throws Exception {
    try (BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      edge.bus
          .require()
          .createDispatcher(
              message -> {
                throw new AssertionError("injected");
              })
          .subscribe("broken");
      edge.bus.require().flush(Duration.ofSeconds(2));
      nats.connection().publish("broken", new byte[0]);
      soon()
          .untilAsserted(
              () ->
                  assertThat(Loops.failed())
                      .containsEntry("NATS messages", "java.lang.AssertionError: injected"));
    }
  }

  @Test
  void aRouteWithAnInvalidSubjectLeavesTheOthersSubscribed() throws Exception {
    List<String> arrived = new CopyOnWriteArrayList<>();
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats)) {
      for (String topic : new String[] {"a b", "good"}) {
        RouteBuilder.addRoutes(
            edge.camel,
            routes ->
                routes
                    .from("nats:" + topic + "?connection=#nats")
                    .routeId("route-" + topic.charAt(0))
                    .process(exchange -> arrived.add(exchange.getIn().getBody(String.class))));
      }
      edge.start();
      edge.awaitStreams();
      soon().until(() -> arrives(arrived, "before"));
      nats.kill();
      soon().until(() -> !edge.bus.connected());
      nats.start();
      edge.awaitStreams();
      soon().until(() -> arrives(arrived, "after"));
      assertThat(log.with("is not a NATS subject")).isNotEmpty();
      edge.camel.getRouteController().stopRoute("route-a");
      soon().until(() -> arrives(arrived, "without"));
    }
  }

  private boolean arrives(List<String> arrived, String text) throws Exception {
    nats.connection().publish("good", text.getBytes(StandardCharsets.UTF_8));
    return arrived.contains(text);
  }
}
