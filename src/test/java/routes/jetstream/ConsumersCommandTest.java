package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.nats.client.JetStreamManagement;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Endpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.settings.Settings;

@Timeout(120)
class ConsumersCommandTest {
  private static final String AWS = "gateway-aws_edge-1";
  private static final String PLANT = "gateway-mqtt-plant_edge-1";

  @RegisterExtension final NatsServer nats = new NatsServer();

  private final Map<String, Endpoint> sources = new HashMap<>();
  private final Inbox inbox = new Inbox();
  private BusContext edge;
  private String output;

  @BeforeEach
  void start() throws Exception {
    edge = new BusContext(nats, "device.id", "edge-1").start();
    edge.awaitStreams();
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  private static String from(String device) {
    return "jetstream:telemetry." + device + ".>?jetstreamName=TELEMETRY";
  }

  /** The exit code; {@link #output} is what it printed on both streams. */
  private int run(String answer, String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(bytes, true);
    ConsumersCommand.Loaded loaded =
        new ConsumersCommand.Loaded() {
          @Override
          public Settings settings() {
            return new Settings(edge.camel);
          }

          @Override
          public Map<String, Endpoint> sources() {
            return sources;
          }
        };
    int code =
        ConsumersCommand.run(
            List.of(words),
            () -> loaded,
            new ByteArrayInputStream(answer.getBytes()),
            print,
            print);
    output = bytes.toString();
    return code;
  }

  private JetStreamManagement streams() throws Exception {
    return nats.connection().jetStreamManagement();
  }

  private List<String> consumers() throws Exception {
    return streams().getConsumerNames("TELEMETRY");
  }

  private void consumer(String name, String filter, String description) throws Exception {
    streams()
        .addOrUpdateConsumer(
            "TELEMETRY",
            ConsumerConfiguration.builder()
                .durable(name)
                .description(description)
                .filterSubject(filter)
                .ackPolicy(AckPolicy.Explicit)
                .build());
  }

  /** A consumer as the runtime creates it, of a route that has ended. */
  private void ended(String route) throws Exception {
    edge.route(route, from("edge-1"), inbox);
    soon().until(() -> consumers().contains(route + "_edge-1"));
    edge.camel.getRouteController().stopRoute(route);
    soon()
        .until(
            () -> streams().getConsumerInfo("TELEMETRY", route + "_edge-1").getNumWaiting() == 0);
  }

  @Test
  void listsConsumersAndWhoUsesThem() throws Exception {
    edge.publish(0, 0);
    ended("gateway-aws");
    ended("gateway-mqtt-plant");
    sources.put("gateway-aws", edge.camel.getEndpoint(from("edge-1")));
    consumer("gateway-mqtt_edge-2", "telemetry.edge-2.>", "route gateway-mqtt of device edge-2");
    consumer("other", "telemetry.>", null);
    nats.connection().jetStream().publish("telemetry.edge-1.metrics", new byte[1]);
    assertThat(run("")).isZero();
    assertThat(output.lines().map(line -> line.replaceAll(" {2,}", "|")))
        .containsExactly(
            "stream|consumer|filter|backlog|ack pending|last delivery|used by",
            "TELEMETRY|gateway-aws_edge-1|telemetry.edge-1.>|1|0|never|gateway-aws",
            "TELEMETRY|gateway-mqtt-plant_edge-1|telemetry.edge-1.>|1|0|never|-",
            "TELEMETRY|gateway-mqtt_edge-2|telemetry.edge-2.>|0|0|never|device edge-2",
            "TELEMETRY|other|telemetry.>|1|0|never|unknown");
  }

  @Test
  void prunesWhatNoRouteUsesAndAsksFirst() throws Exception {
    ended("gateway-aws");
    ended("gateway-mqtt-plant");
    sources.put("gateway-aws", edge.camel.getEndpoint(from("edge-1")));
    assertThat(run("\n", "prune")).isEqualTo(1);
    assertThat(output)
        .contains("unused: " + PLANT + " of stream TELEMETRY, backlog 0")
        .endsWith("consumers: nothing removed; answer y, or use --yes\n");
    assertThat(run("", "prune")).isEqualTo(1);
    assertThat(consumers()).contains(PLANT);
    assertThat(run("y\n", "prune")).isZero();
    assertThat(output).endsWith("removed " + PLANT + " of stream TELEMETRY, backlog 0\n");
    assertThat(consumers()).containsExactly(AWS);
    assertThat(run("", "prune", "--yes")).isZero();
    assertThat(output).isEqualTo("nothing to remove\n");
  }

  /** Names and filters can look like those of this device. */
  @Test
  void neverPrunesAnotherDevicesConsumer() throws Exception {
    consumer("gateway-mqtt_edge-2", "telemetry.edge-2.>", "route gateway-mqtt of device edge-2");
    consumer(
        "gateway-mqtt_x_edge-1", "telemetry.x_edge-1.>", "route gateway-mqtt of device x_edge-1");
    consumer("gateway-mqtt-hub_hub", "telemetry.*.>", "route gateway-mqtt-hub of device hub");
    consumer("dashboard_edge-1", "telemetry.edge-1.>", null);
    assertThat(run("", "prune", "--yes")).isZero();
    assertThat(output).isEqualTo("nothing to remove\n");
    assertThat(consumers()).hasSize(4);
    assertThat(run("", "remove", "gateway-mqtt_edge-2")).isEqualTo(1);
    assertThat(output)
        .isEqualTo(
            "consumers: gateway-mqtt_edge-2 belongs to device edge-2; use DEVICE_ID=edge-2 to"
                + " remove it\n");
    assertThat(run("", "remove", "dashboard_edge-1")).isZero(); // named, and of this device
    assertThat(consumers()).hasSize(3);
  }

  @Test
  void keepsWhatARunningProcessUses() throws Exception {
    FakeUplink uplink = new FakeUplink();
    uplink.lose(); // so that nothing is pulled
    edge.camel.getRegistry().bind("uplink", uplink);
    edge.route("gateway-aws", from("edge-1") + "&uplink=#uplink", inbox);
    soon().until(() -> consumers().contains(AWS));
    OtherProcesses.Claim claim =
        OtherProcesses.Claim.consumer(
            ((JetStreamConsumer) edge.camel.getRoute("gateway-aws").getConsumer()).durable(),
            ZonedDateTime.now(),
            false);
    new OtherProcesses("edge-1", "host", () -> Set.of(claim)).accept(nats.connection());
    nats.connection().flush(Duration.ofSeconds(10));
    assertThat(run("", "prune", "--yes")).isZero();
    assertThat(output)
        .isEqualTo(
            "kept "
                + AWS
                + ": it is in use by a running process; stop that process first\n"
                + "nothing to remove\n");
    assertThat(run("", "remove", AWS)).isEqualTo(1);
    assertThat(output).contains("is in use by a running process");
    assertThat(consumers()).containsExactly(AWS);
  }

  @Test
  void keepsWhatSomebodyPulls() throws Exception {
    edge.route("gateway-aws", from("edge-1"), inbox);
    soon().until(() -> consumers().contains(AWS));
    soon().until(() -> streams().getConsumerInfo("TELEMETRY", AWS).getNumWaiting() > 0);
    assertThat(run("", "remove", AWS)).isEqualTo(1);
    assertThat(output).contains("is in use by a running process");
  }

  @Test
  void whatCannotBeDoneIsOneLine() throws Exception {
    ended("gateway-aws");
    sources.put("gateway-aws", edge.camel.getEndpoint(from("edge-1")));
    assertThat(run("", "remove", AWS)).isEqualTo(1);
    assertThat(output)
        .isEqualTo(
            "consumers: "
                + AWS
                + " is used by route gateway-aws; remove its gateway from gateways, or the route"
                + " file\n");
    assertThat(run("", "remove", "nobody")).isEqualTo(1);
    assertThat(output).isEqualTo("consumers: no consumer nobody; list them with: consumers\n");
    for (String[] words :
        new String[][] {{"prune", "now"}, {"remove"}, {"rm", AWS}, {"list", "x"}}) {
      assertThat(run("", words)).isEqualTo(2);
      assertThat(output).startsWith("usage: consumers [list] |").hasLineCount(1);
    }
  }
}
