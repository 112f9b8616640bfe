package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.main.Main;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.mqtt.BrokerGateway;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.sandbox.SandboxBroker;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.uplink.Uplink;

/** Clouds that close the connection because of a message, and networks that cut it at random. */
@Tag("slow")
@Timeout(180)
class SuspectTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String FORBIDDEN = "forbidden";

  @TempDir Path folder;
  private final Set<String> landed = ConcurrentHashMap.newKeySet();
  private final List<String> order = new CopyOnWriteArrayList<>();
  private Main main;
  private SandboxBroker broker;
  private Connection bus;

  @AfterEach
  void stop() {
    main.stop();
    main.shutdown();
    broker.close();
  }

  private void start(String gateway, Map<String, String> settings, UnaryOperator<String> yaml)
      throws Exception {
    main = BareMain.of(BrokerGateway.class);
    main.addOverrideProperty("dead.after", "3");
    settings.forEach(main::addOverrideProperty);
    main.addOverrideProperty("gateways", gateway);
    main.addOverrideProperty("nats.servers", nats.url());
    main.addOverrideProperty("reconnect.min", "20ms");
    main.addOverrideProperty("reconnect.max", "100ms");
    main.addOverrideProperty(
        "camel.main.routes-include-pattern", "file:routes-yaml/on-error.camel.yaml");
    BareMain.withGateways(BareMain.withBus(main));
    main.bind("metricsRegistry", new SimpleMeterRegistry());
    main.start();
    CamelContext context = main.getCamelContext();
    String file = "gateway-" + gateway + ".camel.yaml";
    PluginHelper.getRoutesLoader(context)
        .loadRoutes(
            ResourceHelper.fromString(
                file, yaml.apply(Files.readString(Path.of("routes-yaml", file)))));
    Uplink uplink = context.getRegistry().lookupByNameAndType(gateway, Uplink.class);
    assertThat(uplink.awaitConnected(Duration.ofSeconds(15))).isTrue();
    bus = nats.connection();
    await()
        .atMost(SOON)
        .ignoreException(JetStreamApiException.class)
        .until(() -> bus.jetStreamManagement().getStreamNames().contains("DEAD"));
  }

  private MeanBroker mqtt(MeanBroker mean, int inFlight, int deadAfter) throws Exception {
    broker = mean.listen(message -> land(message)).start(0);
    start(
        "mqtt",
        Map.of(
            "mqtt.url",
            "tcp://127.0.0.1:" + mean.port(),
            "mqtt.in-flight",
            "" + inFlight,
            "dead.after",
            "" + deadAfter),
        yaml -> yaml);
    return mean;
  }

  private void land(Arrived message) {
    if (landed.add(message.text())) {
      order.add(message.text());
    }
  }

  private void publish(int from, int to, int forbidden) throws Exception {
    for (int i = from; i < to; i++) {
      String body = i == forbidden ? FORBIDDEN : "" + i;
      bus.jetStream()
          .publish(
              "telemetry.edge-1.metrics",
              new Headers().put("Nats-Msg-Id", "id" + i),
              body.getBytes());
    }
  }

  private static Set<String> numbers(int to, int but) {
    return IntStream.range(0, to)
        .filter(i -> i != but)
        .mapToObj(String::valueOf)
        .collect(Collectors.toSet());
  }

  private List<String> dead() throws Exception {
    JetStreamManagement management = bus.jetStreamManagement();
    List<String> bodies = new ArrayList<>();
    long count = management.getStreamInfo("DEAD").getStreamState().getMsgCount();
    for (long i = 1; i <= count; i++) {
      bodies.add(new String(management.getMessage("DEAD", i).getData()));
    }
    return bodies;
  }

  private boolean drained(String gateway) throws Exception {
    ConsumerInfo consumer =
        bus.jetStreamManagement().getConsumerInfo("TELEMETRY", "gateway-" + gateway + "_edge-1");
    return consumer.getNumPending() == 0 && consumer.getNumAckPending() == 0;
  }

  private static int kickFor(Arrived message) {
    return message.text().equals(FORBIDDEN) ? MeanBroker.DISCONNECT : MeanBroker.SUCCESS;
  }

  @Test
  void onlyTheMessageThatEndsTheConnectionBecomesADeadLetter() throws Exception {
    MeanBroker mean = new MeanBroker();
    mean.publishAnswer = SuspectTest::kickFor;
    mqtt(mean, 16, 3);
    publish(0, 60, 7);
    // Other messages must pass between two coincidences, so samples keep coming.
    for (int next = 60; dead().isEmpty(); next++) {
      int number = next;
      publish(number, number + 1, -1);
      await().atMost(SOON).until(() -> landed.contains("" + number) || !dead().isEmpty());
    }
    await().atMost(SOON).until(() -> drained("mqtt"));
    assertThat(dead()).containsExactly(FORBIDDEN);
    assertThat(landed).containsAll(numbers(60, 7)).doesNotContain(FORBIDDEN);
    MessageInfo letter = bus.jetStreamManagement().getMessage("DEAD", 1);
    assertThat(letter.getHeaders().getFirst("Dead-Reason"))
        .isEqualTo(
            "the connection ends each time it is sent: the broker disconnected: not authorized"
                + " (0x87)");
    assertThat(letter.getHeaders().getFirst("Dead-Msg-Id")).isEqualTo("id7");
  }

  @Test
  void withOneInFlightEachClosedConnectionCountsAndOrderIsKept() throws Exception {
    MeanBroker mean = new MeanBroker();
    mean.publishAnswer = SuspectTest::kickFor;
    mqtt(mean, 1, 3);
    publish(0, 20, 7);
    await().atMost(SOON).until(() -> drained("mqtt"));
    assertThat(dead()).containsExactly(FORBIDDEN);
    assertThat(order)
        .containsExactlyElementsOf(
            IntStream.range(0, 20).filter(i -> i != 7).mapToObj(String::valueOf).toList());
  }

  @Test
  void cuttingTheNetworkBeforeEachPubackCreatesNoDeadLetter() throws Exception {
    MeanBroker mean = new MeanBroker();
    Set<Integer> busy = ConcurrentHashMap.newKeySet(); // connections on which a message arrived
    mean.publishAnswer =
        message -> {
          busy.add(mean.connects.size());
          return MeanBroker.SILENCE;
        };
    mqtt(mean, 16, 2);
    publish(0, 8, -1);
    for (int i = 0; i < 10; i++) {
      int connection = mean.connects.size();
      await().atMost(SOON).until(() -> busy.contains(connection));
      mean.cut();
      await().atMost(SOON).until(() -> mean.connects.size() > connection);
    }
    mean.publishAnswer = message -> MeanBroker.SUCCESS;
    mean.cut();
    await().atMost(SOON).until(() -> drained("mqtt"));
    assertThat(landed).isEqualTo(numbers(8, -1));
    assertThat(dead()).isEmpty();
  }

  @Test
  void killingTheBrokerTenTimesCreatesNoDeadLetter() throws Exception {
    Map<String, Integer> times = new ConcurrentHashMap<>();
    MeanBroker mean = new MeanBroker();
    mean.publishAnswer = message -> unlessNew(times, message);
    mqtt(mean, 16, 3);
    int port = mean.port();
    for (int i = 0; i < 10; i++) {
      int to = 4 * (i + 1);
      publish(to - 4, to, -1);
      await().atMost(SOON).until(() -> times.containsKey("" + (to - 1)));
      broker.close();
      MeanBroker next = new MeanBroker();
      next.publishAnswer = message -> unlessNew(times, message);
      broker = next.listen(this::land).start(port);
    }
    await().atMost(SOON).until(() -> broker.clients().size() == 1);
    ((MeanBroker) broker).publishAnswer = message -> MeanBroker.SUCCESS;
    ((MeanBroker) broker).cut();
    await().atMost(SOON).until(() -> drained("mqtt"));
    assertThat(landed).isEqualTo(numbers(40, -1));
    assertThat(dead()).isEmpty();
  }

  /** Sends no PUBACK for messages that arrive for the first time. */
  private static int unlessNew(Map<String, Integer> times, Arrived message) {
    return times.merge(message.text(), 1, Integer::sum) == 1
        ? MeanBroker.SILENCE
        : MeanBroker.SUCCESS;
  }

  @Test
  void aTopicForbiddenByAwsCreatesADeadLetter() throws Exception {
    SandboxAws aws = new SandboxAws(folder.resolve("landed"), new Certificates(folder)).start(0);
    broker = aws.listen(this::land);
    start("aws", keys(aws.settings()), SuspectTest::toForbiddenTopic);
    forbiddenAmongOthers("aws");
  }

  @Test
  void aTopicForbiddenByAzureCreatesADeadLetter() throws Exception {
    SandboxAzure azure =
        new SandboxAzure(folder.resolve("landed"), new Certificates(folder))
            .start(0)
            .register("edge-1");
    broker = azure.listen(this::land);
    start("azure", keys(azure.settings()), SuspectTest::toForbiddenTopic);
    forbiddenAmongOthers("azure");
  }

  private void forbiddenAmongOthers(String gateway) throws Exception {
    publish(0, 30, 3);
    for (int next = 30; dead().isEmpty(); next++) {
      int number = next;
      publish(number, number + 1, -1);
      await().atMost(SOON).until(() -> landed.contains("" + number) || !dead().isEmpty());
    }
    await().atMost(SOON).until(() -> drained(gateway));
    assertThat(dead()).containsExactly(FORBIDDEN);
    assertThat(landed).containsAll(numbers(30, 3)).doesNotContain(FORBIDDEN);
  }

  /** A last step that sends one message to a topic where this device may not publish. */
  private static String toForbiddenTopic(String yaml) {
    int last = yaml.lastIndexOf("        - to:");
    return yaml.substring(0, last)
        + """
                - choice:
                    when:
                      - expression:
                          simple:
                            expression: "${bodyAs(String)} == 'forbidden'"
                        steps:
                          - setHeader:
                              name: HEADER
                              expression:
                                constant:
                                  expression: devices/another/messages/events/
        """
            .replace("HEADER", PahoMqtt5Constants.CAMEL_PAHO_OVERRIDE_TOPIC)
        + yaml.substring(last);
  }

  private static Map<String, String> keys(Map<String, String> environment) {
    return environment.entrySet().stream()
        .collect(
            Collectors.toMap(
                entry ->
                    entry
                        .getKey()
                        .toLowerCase(Locale.ROOT)
                        .replaceFirst("_", ".")
                        .replace('_', '-'),
                Map.Entry::getValue));
  }
}
