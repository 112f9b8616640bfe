package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.JetStream;
import io.nats.client.JetStreamSubscription;
import io.nats.client.PullSubscribeOptions;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.sandbox.Arrived;
import routes.sandbox.FaultProxy;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;

/** A signal stops the runtime quickly and in order, with exit code 0 and two log lines. */
@Tag("slow")
@Timeout(150)
class GracefulStopTest {
  private static final int IN_FLIGHT = 16;

  private static final Duration LATE = Duration.ofSeconds(3 + 5 + 2);

  /** Far below the timeout, but enough for a busy machine. */
  private static final Duration SOON = Duration.ofSeconds(60);

  private static final Pattern LAST =
      Pattern.compile(".*GracefulStop - stopped; (\\d+) messages returned to the bus");

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private final AtomicInteger unanswered = new AtomicInteger();
  private final MeanBroker broker = new MeanBroker();
  private final Map<String, String> settings = new HashMap<>();
  private RuntimeProcess runtime;

  @BeforeEach
  void start() {
    broker.listen(this::keepTelemetry).start(0);
    settings.put("DEVICE_ID", "edge-1");
    settings.put("NATS_SERVERS", nats.url());
    settings.put("GATEWAYS", "mqtt");
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + broker.port());
    settings.put("MQTT_IN_FLIGHT", String.valueOf(IN_FLIGHT));
    settings.put("COLLECT_PERIOD", "1h");
    settings.put("SHUTDOWN_TIMEOUT", "30s");
    settings.put("DATA_DIRECTORY", folder.toString());
  }

  private void keepTelemetry(Arrived message) {
    if (!message.retain()) { // the inventory
      arrived.add(message);
    }
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
    broker.close();
  }

  @Test
  void messagesInFlightAreAcknowledgedAndArriveOnce() throws Exception {
    Set<String> sent = givenSamples(2000);
    try (FaultProxy far = FaultProxy.faraway(broker.port(), Duration.ofMillis(200))) {
      settings.put("MQTT_URL", "tcp://127.0.0.1:" + far.port());
      givenRuntime();
      until(() -> arrived.size() >= 5 * IN_FLIGHT);
      stopped("TERM", SOON);
      assertThat(arrived).as("it was under load").hasSizeLessThan(sent.size());
      until(() -> broker.farewells.get() == 1); // it takes 100 ms to arrive
      assertThat(waiting()).as("all of them acknowledged").isEqualTo(stored() - arrived.size());
    }
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + broker.port());
    givenRuntime();
    until(() -> ids().containsAll(sent));
    assertThat(arrived).as("no duplicates").hasSize(ids().size());
  }

  @Test
  void messagesWithoutPubackReturnToTheBusAtOnce() throws Exception {
    givenSamples(100);
    givenNoPuback();
    givenRuntime();
    until(() -> unanswered.get() >= IN_FLIGHT);
    assertThat(stopped("TERM", LATE)).isEqualTo(IN_FLIGHT);
    until(() -> broker.farewells.get() == 1);
    JetStreamSubscription gateway =
        nats.connection()
            .jetStream()
            .subscribe(
                "telemetry.edge-1.>",
                PullSubscribeOptions.bind("TELEMETRY", "gateway-mqtt_edge-1"));
    assertThat(gateway.fetch(IN_FLIGHT, Duration.ofSeconds(2)))
        .as("before the ack wait ends")
        .hasSize(IN_FLIGHT)
        .allMatch(message -> message.metaData().deliveredCount() == 2);
  }

  @Test
  void aFrozenBrokerDelaysTheStopByAtMostTheTimeout() throws Exception {
    givenSamples(100);
    givenNoPuback();
    givenRuntime();
    until(() -> unanswered.get() >= IN_FLIGHT);
    broker.pause();
    assertThat(stopped("TERM", LATE)).isEqualTo(IN_FLIGHT);
  }

  @Test
  void stopsQuicklyWithoutTheBroker() throws Exception {
    broker.close();
    givenSamples(100);
    givenRuntime();
    until(() -> runtime.get("/health/ready").body().contains("unreachable"));
    assertThat(stopped("TERM", SOON)).isZero();
  }

  @Test
  void stopsQuicklyWithoutNats() throws Exception {
    settings.put("COLLECT_PERIOD", "200ms");
    givenRuntime();
    until(() -> !arrived.isEmpty());
    nats.kill();
    until(() -> runtime.get("/health/ready").status() == 503);
    assertThat(stopped("TERM", SOON)).isZero();
    until(() -> broker.farewells.get() == 1);
  }

  @Test
  void stopsInTimeWhileNatsIsFrozen() throws Exception {
    settings.put("COLLECT_PERIOD", "200ms");
    givenRuntime();
    until(() -> !arrived.isEmpty());
    nats.pause();
    stopped("TERM", SOON);
    until(() -> broker.farewells.get() == 1);
  }

  @Test
  void stopsBeforeTheRoutesHaveStarted() throws Exception {
    nats.stop();
    givenRuntime();
    until(() -> !runtime.output().isEmpty()); // the bus starts before the routes
    assertThat(stopped("TERM", SOON)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"INT, 2", "HUP, 1"})
  void stopsTheSameWayOnCtrlCAndHangup(String signal, int number) throws Exception {
    givenRuntime();
    until(() -> !arrived.isEmpty());
    assumeThat(ignores(number)).as("started in the background").isFalse();
    assertThat(stopped(signal, SOON)).isZero();
    until(() -> broker.farewells.get() == 1);
  }

  /** A runtime with a service that never stops. */
  static final class Hanging {
    private Hanging() {}

    public static void main(String... arguments) throws Exception {
      Main main = BareMain.of(GracefulStopTest.class);
      GracefulStop stop = new GracefulStop();
      stop.listen(main);
      main.addMainListener(stop);
      main.addMainListener(
          new MainListenerSupport() {
            @Override
            public void afterStart(BaseMainSupport started) {
              System.out.println("started");
            }
          });
      main.init();
      main.getCamelContext()
          .addService(
              new ServiceSupport() {
                @Override
                protected void doStop() throws Exception {
                  Thread.currentThread().join();
                }
              });
      System.exit(main.run(arguments));
    }
  }

  @Test
  void aForcedStopExitsWithAnError() throws Exception {
    settings.put("SHUTDOWN_TIMEOUT", "100ms");
    runtime =
        RuntimeProcess.startCommand(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                Hanging.class.getName()),
            settings);
    until(() -> runtime.output().contains("started"));
    runtime.process().destroy();
    assertThat(runtime.awaitExit()).isEqualTo(1);
  }

  @Test
  void exitsByItself() throws Exception {
    settings.put("CAMEL_MAIN_DURATION_MAX_SECONDS", "1");
    givenRuntime();
    until(() -> !runtime.process().isAlive());
    assertThat(runtime.awaitExit()).isZero();
    assertThat(last(runtime.output())).isZero();
    until(() -> broker.farewells.get() == 1);
  }

  private void givenNoPuback() {
    settings.put("SHUTDOWN_TIMEOUT", "3s");
    broker.publishAnswer =
        message -> {
          unanswered.incrementAndGet();
          return SandboxBroker.SILENCE;
        };
  }

  private void givenRuntime() throws IOException {
    runtime = RuntimeProcess.start(settings);
  }

  private Set<String> givenSamples(int count) throws Exception {
    nats.connection()
        .jetStreamManagement()
        .addStream(
            StreamConfiguration.builder().name("TELEMETRY").subjects("telemetry.*.>").build());
    JetStream stream = nats.connection().jetStream();
    Set<String> ids = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      String id = "sample-" + i;
      ids.add(id);
      stream.publish(
          NatsMessage.builder()
              .subject("telemetry.edge-1.metrics")
              .headers(new Headers().add("Nats-Msg-Id", id))
              .data(("{\"id\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8))
              .build());
    }
    return ids;
  }

  /**
   * Sends the signal, expects exit code 0 in time, and returns how many messages returned to the
   * bus.
   */
  private int stopped(String signal, Duration limit) throws Exception {
    int before = runtime.output().size();
    String pid = Long.toString(runtime.process().pid());
    assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
    assertThat(runtime.process().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS))
        .as("ended within %s: %s", limit, runtime.output())
        .isTrue();
    assertThat(runtime.awaitExit()).isZero();
    List<String> lines = new ArrayList<>(runtime.output());
    assertThat(lines).as("no stack trace").noneMatch(line -> line.startsWith("\tat "));
    List<String> end = lines.subList(before, lines.size());
    assertThat(end.stream().filter(line -> line.contains("GracefulStop - stop"))).hasSize(2);
    assertThat(end)
        .noneMatch(line -> line.matches(".* (WARN|ERROR) .*(Exchange|Consumer|Camel).*"));
    return last(lines);
  }

  private static int last(List<String> lines) {
    Matcher end = LAST.matcher(lines.get(lines.size() - 1));
    assertThat(end.matches()).as("last line of %s", lines).isTrue();
    return Integer.parseInt(end.group(1));
  }

  /** Messages of the stream that the gateway has not acknowledged. */
  private long waiting() throws Exception {
    var consumer =
        nats.connection().jetStreamManagement().getConsumerInfo("TELEMETRY", "gateway-mqtt_edge-1");
    return consumer.getNumPending() + consumer.getNumAckPending();
  }

  private long stored() throws Exception {
    return nats.connection()
        .jetStreamManagement()
        .getStreamInfo("TELEMETRY")
        .getStreamState()
        .getMsgCount();
  }

  private Set<String> ids() {
    Set<String> ids = new TreeSet<>();
    arrived.forEach(message -> ids.add(message.userProperties().get("id")));
    return ids;
  }

  /** A shell's background job ignores SIGINT, and its children do. */
  private boolean ignores(int signal) throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc/" + runtime.process().pid() + "/status"))) {
      if (line.startsWith("SigIgn:")) {
        return (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> (signal - 1) & 1) == 1;
      }
    }
    return false;
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(40)).ignoreExceptions().until(condition);
  }
}
