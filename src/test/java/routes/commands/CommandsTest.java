package routes.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.NatsServer;
import routes.bus.Bus;
import routes.bus.BusConfiguration;
import routes.log.CapturedLog;

/** The bean commands, with NATS and responders of every kind. */
@Timeout(120)
class CommandsTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension final NatsServer nats = new NatsServer();

  private final DefaultCamelContext camel = new DefaultCamelContext();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CapturedLog log = new CapturedLog();
  private Bus bus;
  private Commands commands;
  private Dispatcher responders;

  @AfterEach
  void stop() {
    camel.stop();
    log.close();
  }

  /**
   * @param settings key, value, key, value
   */
  private void given(String... settings) throws Exception {
    Properties all = new Properties();
    all.setProperty("device.id", "edge-1");
    all.setProperty("nats.servers", nats.url());
    all.setProperty("bus.max-age", "7d");
    all.setProperty("bus.max-bytes", "64MB");
    all.setProperty("dead.after", "5");
    all.setProperty("dead.max-age", "30d");
    all.setProperty("dead.max-bytes", "16MB");
    all.setProperty("reconnect.min", "50ms");
    all.setProperty("reconnect.max", "200ms");
    all.setProperty("commands.allow", "ping,other");
    all.setProperty("commands.timeout", "1s");
    for (int i = 0; i < settings.length; i += 2) {
      all.setProperty(settings[i], settings[i + 1]);
    }
    camel.getPropertiesComponent().setInitialProperties(all);
    BusConfiguration configuration = new BusConfiguration();
    bus = configuration.bus(camel);
    camel.getRegistry().bind("nats", configuration.nats(camel));
    camel.getRegistry().bind("metricsRegistry", meters);
    commands = new CommandsConfiguration().commands(camel);
    camel.start();
    await().atMost(SOON).until(() -> bus.problem().isEmpty());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void respond(String subject, Function<byte[], byte[]> answer) throws Exception {
    respondWith(
        subject,
        request ->
            NatsMessage.builder()
                .subject(request.getReplyTo())
                .data(answer.apply(request.getData()))
                .build());
  }

  private void respondWith(String subject, Function<Message, Message> answer) throws Exception {
    Connection own = nats.connection();
    responders =
        own.createDispatcher(
            request -> {
              Message reply = answer.apply(request);
              if (reply != null) {
                own.publish(reply);
              }
            });
    responders.subscribe(subject);
    own.flush(SOON);
  }

  private Exchange run(Object name, Object payload) {
    Exchange exchange = new DefaultExchange(camel);
    exchange.getMessage().setHeader("Command-Name", name);
    exchange.getMessage().setBody(payload);
    CountDownLatch done = new CountDownLatch(1);
    commands.process(exchange, inTime -> done.countDown());
    try {
      assertThat(done.await(60, TimeUnit.SECONDS)).as("answered").isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(exchange.getException()).isNull();
    assertThat(exchange.getMessage().getBody()).isInstanceOf(byte[].class);
    return exchange;
  }

  private static int status(Exchange exchange) {
    return (Integer) exchange.getMessage().getHeader("Command-Status");
  }

  private static String body(Exchange exchange) {
    return exchange.getMessage().getBody(String.class);
  }

  private static void refused(Exchange exchange, int status, String error) {
    assertThat(status(exchange)).isEqualTo(status);
    assertThat(body(exchange))
        .startsWith("{\"status\":" + status + ",\"error\":\"")
        .contains(error);
  }

  private double count(String name, int status) {
    return meters
        .get("command.requests")
        .tag("name", name)
        .tag("status", String.valueOf(status))
        .counter()
        .count();
  }

  @Test
  void returnsTheReply() throws Exception {
    given();
    respond("commands.edge-1.ping", payload -> payload);
    for (String payload : new String[] {"{\"a\":[1,\"ü\"]}", "null", "7", "", " ", "\"x\""}) {
      Exchange done = run("ping", bytes(payload));
      assertThat(status(done)).isEqualTo(200);
      assertThat(body(done)).isEqualTo(payload);
    }
    assertThat(status(run("ping", null))).isEqualTo(200);
    assertThat(count("ping", 200)).isEqualTo(7);
    assertThat(lines()).hasSize(7).allMatch(line -> line.matches("INFO ping: 200 in \\d+ ms"));
  }

  private List<String> lines() {
    return log.events().stream()
        .filter(event -> event.logger().equals("commands"))
        .map(event -> event.level() + " " + event.message())
        .toList();
  }

  @Test
  void returns404AtOnceWithoutAResponder() throws Exception {
    given("commands.timeout", "30s");
    long start = System.nanoTime();
    refused(run("ping", bytes("{}")), 404, "nothing on this device responds");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void returns504ForASlowResponder() throws Exception {
    given();
    respondWith("commands.edge-1.ping", request -> null);
    refused(run("ping", bytes("{}")), 504, "no reply within 1s");
  }

  /** jnats removes, every 5 s, requests that have waited for 5 s. */
  @Test
  @Tag("slow")
  void aCommandMayTakeLongerThanTheDefaultTimeoutOfJnats() throws Exception {
    given("commands.timeout", "30s");
    CompletableFuture<Message> request = new CompletableFuture<>();
    respondWith(
        "commands.edge-1.ping",
        arrived -> {
          request.complete(arrived);
          return null;
        });
    request
        .thenApplyAsync(m -> m, CompletableFuture.delayedExecutor(11, TimeUnit.SECONDS))
        .thenAccept(m -> nats.connection().publish(m.getReplyTo(), bytes("{\"late\":1}")));
    Exchange done = run("ping", null);
    assertThat(body(done)).isEqualTo("{\"late\":1}");
    assertThat(status(done)).isEqualTo(200);
  }

  @Test
  void errorHeadersOfAServiceRejectTheCommand() throws Exception {
    given();
    String[][] codes = {
      {"422", "422"}, {"599", "599"}, {"600", "500"}, {"200", "500"}, {"x", "500"}
    };
    for (String[] code : codes) {
      serviceError(code[0], "no \"such\" file", "");
      refused(run("ping", null), Integer.parseInt(code[1]), "no \\\"such\\\" file");
    }
    serviceError("409", "busy", "{\"since\":5}");
    Exchange own = run("ping", null);
    assertThat(status(own)).isEqualTo(409);
    assertThat(body(own)).isEqualTo("{\"since\":5}");
    serviceError("409", null, "");
    refused(run("ping", null), 409, "refused");
  }

  private void serviceError(String code, String error, String body) throws Exception {
    if (responders != null) {
      responders.unsubscribe("commands.edge-1.ping");
      nats.connection().flush(SOON);
    }
    respondWith(
        "commands.edge-1.ping",
        request -> {
          Headers headers = new Headers().put("Nats-Service-Error-Code", code);
          if (error != null) {
            headers.put("Nats-Service-Error", error);
          }
          return NatsMessage.builder()
              .subject(request.getReplyTo())
              .headers(headers)
              .data(body)
              .build();
        });
  }

  @Test
  void aJsonReplyWithStatusAndErrorRejectsTheCommand() throws Exception {
    given();
    respond("commands.edge-1.ping", payload -> payload);
    for (String refusal :
        new String[] {
          "{\"status\":400,\"error\":\"no\"}", "{\"error\":\"\",\"x\":1,\"status\":599}"
        }) {
      Exchange done = run("ping", bytes(refusal));
      assertThat(status(done)).isBetween(400, 599).isNotEqualTo(500);
      assertThat(body(done)).isEqualTo(refusal);
    }
    for (String plain :
        new String[] {
          "{\"status\":400}",
          "{\"status\":\"400\",\"error\":\"no\"}",
          "{\"status\":399,\"error\":\"no\"}",
          "{\"status\":600,\"error\":\"no\"}",
          "{\"status\":400.5,\"error\":\"no\"}",
          "{\"status\":99999999999999,\"error\":\"no\"}",
          "{\"status\":400,\"error\":1}",
          "[{\"status\":400,\"error\":\"no\"}]"
        }) {
      assertThat(status(run("ping", bytes(plain)))).as(plain).isEqualTo(200);
    }
  }

  @Test
  void forwardsAReplyThatIsNotJson() throws Exception {
    given();
    respond("commands.edge-1.ping", payload -> new byte[] {(byte) 0xFF, 0, '{'});
    Exchange done = run("ping", null);
    assertThat(status(done)).isEqualTo(200);
    assertThat(done.getMessage().getBody()).isEqualTo(new byte[] {(byte) 0xFF, 0, '{'});
  }

  @Test
  void returns502ForAnOversizedReply() throws Exception {
    given();
    respond("commands.edge-1.ping", payload -> new byte[128 * 1024 + 1]);
    refused(run("ping", null), 502, "larger than 131072 bytes");
    responders.unsubscribe("commands.edge-1.ping");
    respond("commands.edge-1.other", payload -> new byte[128 * 1024]);
    assertThat(status(run("other", null))).isEqualTo(200);
  }

  @Test
  void returns413ForAnOversizedPayload() throws Exception {
    given();
    respond("commands.edge-1.ping", payload -> bytes(String.valueOf(payload.length)));
    byte[] most = bytes("\"" + "x".repeat(128 * 1024 - 2) + "\"");
    assertThat(body(run("ping", most))).isEqualTo("131072");
    refused(run("ping", bytes("\"" + "x".repeat(128 * 1024 - 1) + "\"")), 413, "131072 bytes");
  }

  @Test
  void returns413ForAPayloadAboveTheLimitOfTheServer() throws Exception {
    nats.stop();
    nats.configure("max_payload: 1000");
    nats.start();
    given();
    respond("commands.edge-1.ping", payload -> payload);
    refused(run("ping", bytes("\"" + "x".repeat(2000) + "\"")), 413, "max_payload");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{}{}",
        "{} x",
        "nul",
        "{'a':1}",
        "{\"a\":NaN}",
        "\uFEFF{}",
        "// c\n{}",
        "[1,]",
        "01"
      })
  void returns400ForAPayloadThatIsNotJson(String payload) throws Exception {
    given();
    respond("commands.edge-1.ping", request -> request);
    refused(run("ping", bytes(payload)), 400, "not JSON");
  }

  @Test
  void returns400ForAHostilePayload() throws Exception {
    given();
    respond("commands.edge-1.ping", request -> request);
    refused(run("ping", bytes("[".repeat(100_000))), 400, "not JSON");
    refused(run("ping", new byte[] {'"', (byte) 0xC3, '"'}), 400, "not JSON");
    refused(run("ping", "{}".getBytes(StandardCharsets.UTF_16)), 400, "not JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a.b",
        "*",
        ">",
        "ping ",
        " ping",
        "pi ng",
        "ping\n",
        "ping\r\nPUB x 1",
        "pïng",
        "ping/..",
        "../ping",
        "$SYS",
        "ping\u0000",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" // 65
      })
  void returns400ForAnInvalidNameWithoutUsingTheBus(String name) throws Exception {
    given("commands.allow", "*");
    List<String> seen = new ArrayList<>();
    respondWith(
        ">",
        request -> {
          seen.add(request.getSubject());
          return null;
        });
    seen.clear();
    refused(run(name, bytes("{}")), 400, "1 to 64 letters");
    assertThat(seen).noneMatch(subject -> subject.startsWith("commands"));
    assertThat(count("other", 400)).isEqualTo(1);
    assertThat(lines()).singleElement().asString().contains("a command with an invalid name: 400");
  }

  @Test
  void returns400ForAMissingOrNonTextName() throws Exception {
    given("commands.allow", "*");
    refused(run(null, null), 400, "1 to 64 letters");
    refused(run(new Object(), null), 400, "1 to 64 letters");
  }

  @Test
  void returns403ForANameThatIsNotAllowed() throws Exception {
    given();
    respond("commands.edge-1.reboot", request -> request);
    refused(run("reboot", bytes("{}")), 403, "commands.allow");
    refused(run("Ping", bytes("{}")), 403, "commands.allow");
    assertThat(count("other", 403)).isEqualTo(2);
  }

  @Test
  void anEmptyListAllowsNoCommand() throws Exception {
    given("commands.allow", "");
    refused(run("ping", null), 403, "commands.allow");
  }

  @Test
  void aStarAllowsAllAndOnlyAnsweredNamesAreCounted() throws Exception {
    given("commands.allow", "*");
    respond("commands.edge-1.*", request -> request);
    for (int i = 0; i < 70; i++) {
      assertThat(status(run("name-" + i, bytes("{}")))).isEqualTo(200);
    }
    assertThat(count("name-0", 200)).isEqualTo(1);
    assertThat(count("other", 200)).isPositive();
    assertThat(meters.find("command.requests").counters()).hasSizeLessThanOrEqualTo(65);
    responders.unsubscribe("commands.edge-1.*");
    nats.connection().flush(SOON);
    refused(run("unheard-of", null), 404, "nothing");
    assertThat(count("other", 404)).isEqualTo(1);
  }

  @Test
  void returns503WithoutNats() throws Exception {
    given();
    respond("commands.edge-1.ping", request -> request);
    nats.kill();
    await().atMost(SOON).until(() -> !bus.connected());
    refused(run("ping", null), 503, "NATS at 127.0.0.1:" + nats.port() + " is unavailable");
    nats.start();
    await().atMost(SOON).until(() -> status(run("ping", null)) == 200);
  }

  @Test
  void returns503WhenNatsIsKilledBeforeTheReply() throws Exception {
    given("commands.timeout", "30s");
    respondWith(
        "commands.edge-1.ping",
        request -> {
          nats.kill();
          return null;
        });
    refused(run("ping", null), 503, "disconnected before the reply");
  }

  @Test
  void returns504WhenNatsIsFrozen() throws Exception {
    given();
    nats.pause();
    refused(run("ping", null), 504, "no reply within 1s");
    nats.resume();
  }

  @Test
  void noThreadBlocksForAReply() throws Exception {
    given("commands.timeout", "2s");
    respondWith("commands.edge-1.ping", request -> null);
    List<Boolean> inTime = new CopyOnWriteArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < 64; i++) {
      Exchange exchange = new DefaultExchange(camel);
      exchange.getMessage().setHeader("Command-Name", "ping");
      assertThat(commands.process(exchange, inTime::add)).isFalse();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    await().atMost(SOON).until(() -> inTime.size() == 64);
    assertThat(inTime).containsOnly(false);
    assertThat(count("ping", 504)).isEqualTo(64);
  }

  @Test
  void returns500AndReleasesTheSlotWhenATargetFails() throws Exception {
    CommandSettings settings =
        new CommandSettings(Set.of("ping"), Duration.ofSeconds(1), Optional.empty());
    CommandMeters own = new CommandMeters(meters, settings.allow());
    List<CommandTarget> targets =
        List.of(
            (name, payload, patient, begin) -> {
              throw new IllegalStateException("of this test");
            },
            (name, payload, patient, begin) ->
                CompletableFuture.failedFuture(new IllegalStateException("of this test")),
            (name, payload, patient, begin) ->
                CompletableFuture.supplyAsync(
                    () -> {
                      throw new IllegalStateException("of this test");
                    }));
    for (CommandTarget target : targets) {
      commands = new Commands(settings, target, own);
      for (int i = 0; i < 70; i++) {
        refused(run("ping", null), 500, "see the device log");
      }
    }
  }

  @Test
  void returns500ForAnUnreadableBody() throws Exception {
    given();
    refused(
        run(
            "ping",
            new java.io.InputStream() {
              @Override
              public int read() throws java.io.IOException {
                throw new java.io.IOException("secret-payload");
              }
            }),
        500,
        "see the device log");
  }

  @Test
  void logsNoPayload() throws Exception {
    given();
    respond("commands.edge-1.ping", request -> bytes("{\"reply\":\"s3cret\"}"));
    run("ping", bytes("{\"password\":\"s3cret\"}"));
    run("ping", bytes("s3cret"));
    run("s3cret", bytes("{}"));
    assertThat(lines()).hasSize(3);
    assertThat(lines().subList(0, 2).toString()).doesNotContain("s3cret");
  }

  @Test
  void answersExcessCommandsAtOnce() throws Exception {
    given("commands.timeout", "5s");
    AtomicInteger asked = new AtomicInteger();
    respondWith(
        "commands.edge-1.ping",
        request -> {
          asked.incrementAndGet();
          return null;
        });
    ExecutorService threads = Executors.newFixedThreadPool(64);
    List<Future<Integer>> slow = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      slow.add(threads.submit(() -> status(run("ping", new byte[0]))));
    }
    await().atMost(SOON).until(() -> asked.get() == 64);
    assertThat(status(run("ping", new byte[0]))).isEqualTo(503);
    assertThat(status(run("nobody", new byte[0]))).isEqualTo(403);
    for (Future<Integer> each : slow) {
      assertThat(each.get()).isEqualTo(504);
    }
    threads.shutdown();
    assertThat(status(run("other", new byte[0]))).isEqualTo(404);
  }
}
