package routes.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.junit.jupiter.api.Test;
import routes.Fuzz;
import routes.commands.Commands;

class AwsFuzzTest {
  @Test
  void messagesOfTheCloud() throws Exception {
    AwsInbound inbound = new AwsInbound("edge-1", new SimpleMeterRegistry());
    String shadow = "$aws/things/edge-1/shadow/";
    Fuzz.messages(
        PahoMqtt5Constants.MQTT_TOPIC,
        exchange -> {
          inbound.read(exchange);
          boolean desired = exchange.getMessage().getHeader(AwsInbound.DESIRED) != null;
          if (desired) {
            assertThat(exchange.getMessage().getBody(String.class)).startsWith("{").endsWith("}");
          }
          return desired || exchange.getMessage().getHeader(Commands.NAME) != null;
        },
        "cmd/edge-1/ping|{}",
        shadow + "update/delta|{\"version\":1,\"state\":{\"fan\":1}}",
        shadow + "get/accepted|{\"state\":{\"desired\":{\"fan\":1},\"delta\":{\"fan\":1}}}");
  }
}
