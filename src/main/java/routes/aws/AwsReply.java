package routes.aws;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.Message;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.commands.Commands;

/**
 * Sends a command's reply back (MQTT 5, 4.10): to the request's response topic, or to {@code
 * cmd/<thing>/<name>/reply} when it has none, with its correlation data and the user property
 * {@code status}, which is 200 or an error as HTTP has it.
 *
 * <p>A response topic has to be {@code cmd/<thing>/<level>/...}, so that the device's policy can
 * name what it may publish to: AWS IoT Core disconnects a device that publishes to anything else,
 * and whoever sends a command must not be able to have that done, or to have replies land among the
 * samples. The reply to another one goes to {@code cmd/<thing>/<name>/reply}, too.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/whitepapers/latest/designing-mqtt-topics-aws-iot-core/">Designing
 *     MQTT Topics for AWS IoT Core</a>
 */
public final class AwsReply {
  private static final String STATUS = Commands.STATUS;
  private static final Logger LOG = LoggerFactory.getLogger("commands-aws");

  private final String commands;

  AwsReply(String thing) {
    this.commands = commands(thing);
  }

  /** What the topic of each command begins with. */
  static String commands(String thing) {
    return "cmd/" + thing + "/";
  }

  /** Stops the route for what can't be answered. */
  @Handler
  public void prepare(Exchange exchange) {
    Message message = exchange.getMessage();
    MqttProperties request =
        message.getHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES, MqttProperties.class);
    String name = message.getHeader(AwsInbound.COMMAND, "", String.class);
    String topic = topic(name, request == null ? null : request.getResponseTopic());
    if (!AwsTopic.fits(topic)) {
      LOG.warn("no reply to a command: its name is too long");
      exchange.setRouteStop(true);
      return;
    }
    int status = message.getHeader(STATUS, 500, Integer.class);
    byte[] body = message.getBody(byte[].class);
    if (body != null && body.length > AwsSettings.LARGEST_PAYLOAD) {
      status = 500;
      message.setBody(
          "{\"error\":\"the reply is larger than 128 KB\"}".getBytes(StandardCharsets.UTF_8));
    }
    MqttProperties reply = new MqttProperties();
    reply.setContentType("application/json");
    reply.setUserProperties(List.of(new UserProperty("status", Integer.toString(status))));
    if (request != null) {
      reply.setCorrelationData(request.getCorrelationData());
    }
    message.setHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES, reply);
    message.setHeader(PahoMqtt5Constants.CAMEL_PAHO_OVERRIDE_TOPIC, topic);
  }

  private String topic(String name, String wanted) {
    String usual = commands + name + "/reply";
    if (wanted == null || wanted.isEmpty()) {
      return usual;
    }
    boolean below =
        wanted.startsWith(commands) && wanted.substring(commands.length()).contains("/");
    if (below && AwsTopic.fits(wanted) && !wanted.contains("+") && !wanted.contains("#")) {
      return wanted;
    }
    LOG.warn(
        "the reply to command {} goes to {}: a response topic should begin with {}{}/",
        name,
        usual,
        commands,
        name);
    return usual;
  }
}
