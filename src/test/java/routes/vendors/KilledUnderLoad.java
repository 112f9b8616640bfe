package routes.vendors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.PublishAck;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import routes.NatsServer;
import routes.sandbox.RuntimeProcess;

/**
 * Kills a broker in the middle of each burst of messages. The gateway must deliver the messages
 * that the broker's log shows as unacknowledged. Losses among the others are the broker's fault and
 * are only reported.
 *
 * @param kill SIGKILL
 * @param start again, with its state
 */
record KilledUnderLoad(
    String broker, int port, Runnable kill, Runnable start, Supplier<String> log) {
  private static final int KILLS = 3;
  private static final int BURST = 1_000;
  private static final int MESSAGES = KILLS * BURST;
  private static final String PREFIX = "devices/edge-1/n";
  private static final byte[] PAYLOAD = "{\"x\":\"%s\"}".formatted("x".repeat(400)).getBytes();

  void run(NatsServer nats, String version) throws Exception {
    Map<String, String> settings =
        Map.of(
            "DEVICE_ID", "edge-1",
            "NATS_SERVERS", nats.url(),
            "COLLECT_PERIOD", "1h",
            "GATEWAYS", "mqtt",
            "MQTT_URL", "tcp://127.0.0.1:" + port,
            "MQTT_VERSION", version,
            "RECONNECT_MIN", "100ms",
            "RECONNECT_MAX", "500ms");
    try (KeptSubscriber subscriber = new KeptSubscriber(port, PREFIX)) {
      subscriber.awaitSubscribed(1);
      try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
        until("ready", () -> runtime.get("/health/ready").status() == 200);
        Connection bus = nats.connection();
        killInEachBurst(bus.jetStream(), subscriber);
        until("no backlog", () -> drained(bus));
      }
      check(version, subscriber.arrivals());
    }
  }

  private void killInEachBurst(JetStream bus, KeptSubscriber subscriber) throws Exception {
    for (int i = 0; i < KILLS; i++) {
      int first = i * BURST;
      int before = subscriber.arrivals().count();
      CompletableFuture<Void> stored = CompletableFuture.runAsync(() -> publish(bus, first));
      until("a part", () -> subscriber.arrivals().count() >= before + BURST / 4);
      kill.run();
      assertThat(subscriber.arrivals().count())
          .as("killed with messages in flight")
          .isLessThan(first + BURST);
      start.run();
      stored.get();
      subscriber.awaitSubscribed(i + 2);
    }
  }

  /** Returns when JetStream has stored them. */
  private static void publish(JetStream bus, int first) {
    List<CompletableFuture<PublishAck>> stored = new ArrayList<>();
    for (int number = first; number < first + BURST; number++) {
      stored.add(bus.publishAsync("telemetry.edge-1.n" + number, PAYLOAD));
    }
    stored.forEach(CompletableFuture::join);
  }

  private static boolean drained(Connection bus) throws IOException, JetStreamApiException {
    ConsumerInfo now =
        bus.jetStreamManagement().getConsumerInfo("TELEMETRY", "gateway-mqtt_edge-1");
    return now.getNumPending() + now.getNumAckPending() == 0;
  }

  private void check(String version, Arrivals arrivals) throws InterruptedException {
    BitSet acknowledged = BrokerLog.acknowledged(log.get(), PREFIX);
    BitSet lost = new BitSet();
    lost.set(0, MESSAGES);
    lost.andNot(acknowledged);
    BitSet lostByBroker = arrivals.missing(acknowledged);
    System.out.printf(
        "%s, MQTT %s: %d messages, %d kills: lost %d, duplicates %d; the broker acknowledged and"
            + " lost %d, and redelivered %d%n",
        broker,
        version,
        MESSAGES,
        KILLS,
        lost.cardinality(),
        arrivals.duplicates(),
        lostByBroker.cardinality(),
        arrivals.redelivered());
    assertThat(lost).as("not acknowledged").isEqualTo(new BitSet());
  }

  private static void until(String what, Callable<Boolean> condition) {
    await(what)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(40))
        .until(condition);
  }
}
