package routes.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.handler.codec.mqtt.MqttProperties;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.NatsServer;
import routes.jetstream.LogLines;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;

/** The recipes that receive messages from a local MQTT broker, loaded from their files. */
class LocalBrokerRecipesTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final MeanBroker broker = new MeanBroker();

  @BeforeEach
  void start() {
    broker.start(0);
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  private EdgeContext edge(String recipe) throws Exception {
    EdgeContext edge = new EdgeContext(nats);
    edge.recipe(recipe, text -> text.replace("localhost:1883", "127.0.0.1:" + broker.port()));
    edge.start();
    soon().until(() -> !broker.subscriptions().isEmpty());
    return edge;
  }

  private void arrives(String topic, String payload) {
    broker.publish(
        new Arrived(
            "sensor",
            topic,
            payload.getBytes(StandardCharsets.UTF_8),
            1,
            false,
            MqttProperties.NO_PROPERTIES));
  }

  @ParameterizedTest
  @CsvSource({
    "collect-zigbee,zigbee2mqtt/lamp,zigbee.lamp",
    "collect-zigbee,zigbee2mqtt/living room ä,zigbee.living_room__",
    "collect-tasmota,tele/plug-1/SENSOR,tasmota.plug-1",
  })
  void messagesOfTheLocalBrokerReachTheBus(String recipe, String topic, String kind)
      throws Exception {
    try (EdgeContext edge = edge(recipe)) {
      arrives(topic, "{\"state\":\"ON\"}");
      soon().until(() -> !edge.stored("telemetry.test." + kind).isEmpty());
      JsonNode state = edge.stored("telemetry.test." + kind).get(0);
      assertThat(state.path("state").asText()).isEqualTo("ON");
    }
  }

  @Test
  void anyPayloadPasses() throws Exception {
    try (EdgeContext edge = edge("collect-zigbee");
        LogLines log = new LogLines()) {
      arrives("zigbee2mqtt/door", "open");
      arrives("zigbee2mqtt/door", "");
      arrives("zigbee2mqtt/x/y", "{}"); // not subscribed
      arrives("zigbee2mqtt/door", "{}");
      soon().until(() -> edge.stored("telemetry.test.zigbee.door").size() == 3);
      assertThat(log.with("WARN")).isEmpty();
    }
  }
}
