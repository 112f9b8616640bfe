package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.log.CapturedLog;
import routes.sandbox.RawBroker;
import routes.sandbox.RawBroker.Peer;
import routes.sandbox.RawBroker.Script;

/** A broker that breaks every rule. The client neither hangs nor leaks nor prints a stack trace. */
@Tag("slow")
@Timeout(120)
class HostileBrokerTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final TestClients clients = new TestClients();
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final CapturedLog log = new CapturedLog();
  private final PrintStream stderr = System.err;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private RawBroker broker;

  private static CapturedLog leaks;

  @BeforeAll
  static void watchForLeaks() {
    leaks = new CapturedLog(ResourceLeakDetector.class);
  }

  @AfterAll
  static void noBufferIsLeft() {
    for (int i = 0; i < 5; i++) {
      System.gc();
      // Leaks are reported at the next allocation.
      PooledByteBufAllocator.DEFAULT.buffer(1).release();
      UnpooledByteBufAllocator.DEFAULT.buffer(1).release();
    }
    leaks.close();
    assertThat(leaks.messages()).isEmpty();
  }

  @BeforeEach
  void listen() {
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void stop() throws IOException {
    try {
      clients.close();
      broker.close();
      assertThat(printed.toString(StandardCharsets.UTF_8)).doesNotContain("Exception");
      assertThat(log.events())
          .filteredOn(CapturedLog.Event::isProblem)
          .allMatch(event -> event.thrown() == null)
          .allMatch(event -> event.message().length() < 300);
    } finally {
      System.setErr(stderr);
      log.close();
    }
  }

  private TestClient given(int version, Script script) throws Exception {
    broker = new RawBroker(script);
    String url = "tcp://127.0.0.1:" + broker.port();
    TestClient client = clients.start(version, url, "a");
    client.setCallback((topic, message) -> received.add(topic + " " + TestClients.text(message)));
    return client;
  }

  private static void subscribe(TestClient client, String filter) throws Exception {
    client.subscribe(filter, 1);
  }

  private double refused(String reason) {
    return clients.meters.get("mqtt.inbound.refused").tag("reason", reason).counter().count();
  }

  static Stream<Arguments> beforeConnack() {
    Map<String, Script> scripts = new LinkedHashMap<>();
    scripts.put("a CONNACK of nothing", client -> client.send(0x20, 0));
    scripts.put("a CONNACK of one byte", client -> client.send(0x20, 1, 0));
    scripts.put("a CONNACK with a reserved code", client -> client.send(0x20, 2, 0, 0x7F));
    scripts.put("garbage", client -> client.send("HTTP/1.1 400 Bad\r\n\r\n".getBytes()));
    scripts.put("type 0", client -> client.send(0, 0));
    scripts.put("PUBLISH before CONNACK", client -> client.packet(0x30, topic("t/1", "x")));
    scripts.put("PUBACK before CONNACK", client -> client.send(0x40, 2, 0, 1));
    scripts.put("PINGRESP before CONNACK", client -> client.send(0xD0, 0));
    scripts.put("SUBACK before CONNACK", client -> client.send(0x90, 3, 0, 1, 0));
    scripts.put("CONNECT back", client -> client.send(0x10, 0));
    scripts.put("two CONNACKs", client -> client.send(0x20, 3, 0, 0, 0, 0x20, 3, 0, 0, 0));
    scripts.put("a length without end", client -> client.send(0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1));
    scripts.put("a CONNACK of 256 MB", client -> client.send(0x20, 0xFF, 0xFF, 0xFF, 0x7F));
    return each(scripts);
  }

  static Stream<Arguments> afterConnack() {
    Map<String, Script> scripts = new LinkedHashMap<>();
    scripts.put(
        "a topic longer than its packet", client -> client.send(0x30, 4, 0xFF, 0xFF, 't', 'x'));
    scripts.put(
        "a topic that is no UTF-8", client -> client.send(0x30, 6, 0, 3, 0xC3, 0x28, 0xFF, 0));
    scripts.put("a topic with NUL", client -> client.send(0x30, 6, 0, 3, 't', 0, 't', 0));
    scripts.put(
        "a topic that is a lone surrogate",
        client -> client.send(0x30, 6, 0, 3, 0xED, 0xA0, 0x80, 0));
    scripts.put(
        "properties longer than their packet",
        client -> client.send(0x30, 6, 0, 1, 't', 0xFF, 0x7F, 0x26));
    scripts.put("an unknown property", client -> client.send(0x30, 6, 0, 1, 't', 2, 0x7E, 0));
    scripts.put("QoS 3", client -> client.packet(0x36, topic("t/1", "x")));
    scripts.put(
        "a topic alias nobody gave out", client -> client.send(0x30, 7, 0, 0, 3, 0x23, 0, 9, 'x'));
    scripts.put("a DISCONNECT of garbage", client -> client.send(0xE0, 3, 0xFF, 0xFF, 0xFF));
    scripts.put("an AUTH", client -> client.send(0xF0, 3, 0xFF, 0xFF, 0xFF));
    scripts.put("a topic with a line break", client -> client.packet(0x30, topic("t/\n", "x")));
    scripts.put("type 0", client -> client.send(0, 0));
    scripts.put("SUBACK for nothing", client -> client.send(0x90, 4, 0, 9, 0, 1));
    scripts.put("a PINGRESP of 100 MB", client -> client.send(0xD0, 0x80, 0x80, 0x80, 0x32));
    return each(scripts);
  }

  private static Stream<Arguments> each(Map<String, Script> scripts) {
    return scripts.entrySet().stream()
        .flatMap(
            script ->
                Stream.of(3, 5)
                    .map(version -> Arguments.of(script.getKey(), version, script.getValue())));
  }

  private static byte[] topic(String topic, String payload) {
    return RawBroker.publish(3, topic, payload);
  }

  /** The broker then closes the connection. The client retries with pauses. */
  @ParameterizedTest(name = "{0}, MQTT {1}")
  @MethodSource("beforeConnack")
  void retries(String name, int version, Script script) throws Exception {
    TestClient client =
        given(
            version,
            peer -> {
              peer.await(RawBroker.CONNECT);
              script.play(peer);
            });
    await().atMost(SOON).until(() -> broker.accepts.get() >= 2);
    assertThat(client.lastError().orElse("")).isNotBlank().doesNotContain("\n");
  }

  /** The broker keeps the connection open. The client notices, at the latest by its pings. */
  @ParameterizedTest(name = "{0}, MQTT {1}")
  @MethodSource("afterConnack")
  void doesNotHang(String name, int version, Script script) throws Exception {
    clients.keepAlive = Duration.ofSeconds(1);
    TestClient client =
        given(
            version,
            peer -> {
              peer.accept(version, 0);
              if (broker.accepts.get() == 1) {
                script.play(peer);
              }
              peer.drain();
            });
    await().atMost(Duration.ofSeconds(60)).until(() -> broker.accepts.get() > 1);
    assertThat(client.awaitConnected(SOON)).as("%s", client.lastError()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void skipsAnOversizedMessage(int version) throws Exception {
    long size = 250L << 20;
    byte[] chunk = new byte[1 << 20];
    TestClient client =
        given(
            version,
            peer -> {
              peer.accept(version, 1);
              peer.send(RawBroker.head(0x32, size + 7));
              peer.send(0, 3, 't', '/', '1', 0, 7);
              for (long sent = 0; sent < size; sent += chunk.length) {
                peer.send(chunk);
              }
              peer.packet(0x30, RawBroker.publish(version, "t/1", "after"));
              if (version == 5) {
                byte[] puback = peer.await(RawBroker.PUBACK);
                received.add("PUBACK " + (puback[2] & 0xFF));
              }
              peer.acknowledge();
            });
    subscribe(client, "t/#");
    await().atMost(Duration.ofSeconds(60)).until(() -> received.contains("t/1 after"));
    if (version == 5) {
      await().atMost(SOON).until(() -> received.contains("PUBACK " + 0x97));
    }
    assertThat(refused("too_large")).isEqualTo(1);
    assertThat(client.connected()).isTrue();
    assertThat(client.reconnects()).isZero();
    assertThat(lines())
        .contains("dropped a message of 262144012 bytes; inbound.max-packet is 393216");
  }

  /**
   * A broker that sends 10,000 messages at once and ignores Receive Maximum. Samples are still
   * published; messages that cannot be handled are refused and counted.
   */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void tenThousandMessagesAtOnceAreHandledOrRefused(int version) throws Exception {
    int burst = 10_000;
    AtomicInteger taken = new AtomicInteger();
    AtomicInteger said = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    TestClient client =
        given(
            version,
            peer -> {
              peer.accept(version, 1);
              CompletableFuture.runAsync(() -> send(peer, version, burst, go));
              peer.acknowledge((id, reason) -> (reason == 0 ? taken : said).incrementAndGet());
            });
    AtomicInteger worked = new AtomicInteger();
    listen(
        client,
        () -> {
          LockSupport.parkNanos(100_000);
          worked.incrementAndGet();
        });
    subscribe(client, "t/#");
    assertThat(client.awaitConnected(SOON)).isTrue();
    long before = slowest(client, 100);
    go.countDown();
    long during = 0;
    while (worked.get() + refused("overflow") < burst) {
      during = Math.max(during, slowest(client, 1));
    }
    System.out.printf(
        "MQTT %d: %d worked on, %.0f refused; slowest sample %d ms, before it %d ms%n",
        version, worked.get(), refused("overflow"), during, before);
    assertThat(during).as("less than the ack wait, also on a busy machine").isLessThan(15_000);
    assertThat(refused("overflow")).isPositive();
    assertThat(client.reconnects()).isZero();
    await().atMost(SOON).until(() -> taken.get() == worked.get());
    int quotaExceeded = version == 5 ? burst - worked.get() : 0;
    await().atMost(SOON).until(() -> said.get() == quotaExceeded);
    assertThat(lines()).filteredOn(line -> line.contains("faster than")).hasSize(1);
  }

  private static void send(Peer peer, int version, int burst, CountDownLatch go) {
    try {
      go.await();
      byte[] topic = "t/1".getBytes(StandardCharsets.UTF_8);
      for (int id = 1; id <= burst; id++) {
        peer.packet(0x32, RawBroker.publish(version, topic, id, new byte[100]));
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void listen(TestClient client, Runnable listener) {
    client.setCallback((topic, message) -> listener.run());
  }

  /** Milliseconds that the slowest of several publishes took. */
  private static long slowest(TestClient client, int publishes) throws Exception {
    long slowest = 0;
    for (int i = 0; i < publishes; i++) {
      long start = System.nanoTime();
      client.publish("sample", TestClients.message("x", 1));
      slowest = Math.max(slowest, System.nanoTime() - start);
    }
    return slowest / 1_000_000;
  }

  private List<String> lines() {
    return log.messages();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void unknownPubacksAndMalformedTopicsDoNotEndTheConnection(int version) throws Exception {
    byte[] longest = "t/".repeat(32_767).getBytes(StandardCharsets.UTF_8);
    TestClient client =
        given(
            version,
            peer -> {
              peer.accept(version, 1);
              for (int id = 1; id < 1_000; id++) {
                peer.send(0x40, 2, id >> 8, id);
              }
              for (String topic : List.of("t/+", "#", "t/#/x", "other/1")) {
                peer.packet(0x30, RawBroker.publish(version, topic, "x"));
              }
              peer.packet(0x30, RawBroker.publish(version, "t//..//a.b/>/*/ ", "odd"));
              peer.packet(0x30, RawBroker.publish(version, longest, new byte[0]));
              peer.packet(0x30, RawBroker.publish(version, "t/end", "y"));
              peer.acknowledge();
            });
    subscribe(client, "t/#");
    await().atMost(SOON).until(() -> received.contains("t/end y"));
    assertThat(received).hasSize(3).contains("t//..//a.b/>/*/  odd");
    assertThat(refused("topic")).isEqualTo(4);
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void detectsAMissingSuback() throws Exception {
    clients.publishTimeout = Duration.ofMillis(300);
    clients.keepAlive = Duration.ofSeconds(60);
    TestClient client =
        given(
            3,
            peer -> {
              peer.accept(3, 0);
              peer.drain();
            });
    assertThat(client.awaitConnected(SOON)).isTrue();
    subscribe(client, "t/#");
    await().atMost(SOON).until(() -> broker.accepts.get() >= 3);
    assertThat(lines().toString()).contains("no SUBACK within 300 ms");
  }

  /** Very many user properties, in a CONNACK and in a message. */
  @Test
  void limitsUserProperties() throws Exception {
    byte[] pair = {0x26, 0, 1, 'a', 0, 1, 'b'};
    byte[] properties = new byte[pair.length * 50_000];
    for (int i = 0; i < properties.length; i++) {
      properties[i] = pair[i % pair.length];
    }
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(new byte[] {0, 3, 't', '/', '1'});
    message.writeBytes(length(properties.length));
    message.writeBytes(properties);
    message.writeBytes("many".getBytes(StandardCharsets.UTF_8));
    TestClient client =
        given(
            5,
            peer -> {
              peer.accept(5, 1);
              peer.packet(0x30, message.toByteArray());
              peer.acknowledge();
            });
    subscribe(client, "t/#");
    await().atMost(SOON).until(() -> received.contains("t/1 many"));
    assertThat(client.reconnects()).isZero();
  }

  private static byte[] length(int length) {
    byte[] head = RawBroker.head(0, length);
    return Arrays.copyOfRange(head, 1, head.length);
  }

  /** Acknowledges messages that are not in flight, twice, and in the wrong order. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void ignoresAndReportsWrongPubacks(int version) throws Exception {
    TestClient client =
        given(
            version,
            peer -> {
              peer.accept(version, 0);
              int first = id(peer.await(RawBroker.PUBLISH));
              int second = id(peer.await(RawBroker.PUBLISH));
              int third = id(peer.await(RawBroker.PUBLISH));
              for (int id : new int[] {60_000, third, third, second, first, first, second}) {
                peer.send(0x40, 2, id >> 8, id);
              }
              peer.acknowledge();
            });
    assertThat(client.awaitConnected(SOON)).isTrue();
    CompletableFuture<?>[] all = new CompletableFuture<?>[3];
    for (int i = 0; i < 3; i++) {
      all[i] = client.send(new MqttMessage("t", new byte[] {1}));
    }
    CompletableFuture.allOf(all).get(60, TimeUnit.SECONDS);
    client.publish("t", TestClients.message("x", 1));
    assertThat(client.reconnects()).isZero();
    assertThat(lines())
        .filteredOn(line -> line.equals("ignored a PUBACK for a packet that is not in flight"))
        .hasSize(1);
  }

  private static int id(byte[] publish) {
    int topic = (publish[0] & 0xFF) << 8 | publish[1] & 0xFF;
    return (publish[2 + topic] & 0xFF) << 8 | publish[3 + topic] & 0xFF;
  }

  @Test
  void respectsAReceiveMaximumOf1() throws Exception {
    AtomicInteger inFlight = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    TestClient client =
        given(
            5,
            peer -> {
              peer.await(RawBroker.CONNECT);
              peer.send(0x20, 6, 0, 0, 3, 0x21, 0, 1);
              while (true) {
                int id = id(peer.await(RawBroker.PUBLISH));
                most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                LockSupport.parkNanos(1_000_000);
                inFlight.decrementAndGet();
                peer.send(0x40, 2, id >> 8, id);
              }
            });
    assertThat(client.awaitConnected(SOON)).isTrue();
    List<CompletableFuture<Void>> all = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(client.send(new MqttMessage("t", new byte[] {1})));
    }
    for (CompletableFuture<Void> one : all) {
      one.get(60, TimeUnit.SECONDS);
    }
    assertThat(most).hasValue(1);
  }

  /** It continues to send messages. The client's outgoing data stays bounded and is given up. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void leavesABrokerThatSendsWithoutReading(int version) throws Exception {
    clients.publishTimeout = Duration.ofSeconds(1);
    TestClient client =
        given(
            version,
            peer -> {
              peer.accept(version, 1);
              if (broker.accepts.get() > 1) {
                peer.acknowledge();
                return;
              }
              for (int id = 1; ; id = id % 60_000 + 1) {
                peer.packet(
                    0x32, RawBroker.publish(version, "t/1".getBytes(), id, new byte[1_000]));
              }
            });
    client.setCallback((topic, message) -> {});
    subscribe(client, "t/#");
    assertThat(client.awaitConnected(SOON)).isTrue();
    List<CompletableFuture<Void>> all = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(client.send(new MqttMessage("t", new byte[900_000])));
    }
    for (CompletableFuture<Void> one : all) {
      assertThat(one.handle((nothing, failure) -> failure.getMessage()).get(60, TimeUnit.SECONDS))
          .isIn("no PUBACK within 1 s", "the broker sends messages but does not read");
    }
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    client.publish("t", TestClients.message("x", 1));
  }

  @Test
  void namesAWrongPacket() throws Exception {
    TestClient client =
        given(
            5,
            peer -> {
              peer.accept(5, 0);
              peer.send(0xF0, 0);
              peer.drain();
            });
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError()).contains("the broker sent AUTH");
  }
}
