package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.settings.Settings;
import routes.uplink.InvalidMessageException;

/** What happens to messages that the cloud refuses. */
@Tag("slow")
class DeadLetterTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final FakeUplink uplink = new FakeUplink();
  private final Inbox inbox = new Inbox();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Connection own;

  private BusContext gateway(String options, String... settings) throws Exception {
    BusContext edge = new BusContext(nats, settings);
    edge.camel.getRegistry().bind("fake", uplink);
    edge.gateway(options + "&uplink=#fake", inbox).start();
    edge.awaitStreams();
    return edge;
  }

  private JetStreamManagement management() throws Exception {
    if (own == null || own.getStatus() != Connection.Status.CONNECTED) {
      own = nats.connection();
    }
    return own.jetStreamManagement();
  }

  private MessageInfo letter(long number) throws Exception {
    soon().ignoreException(JetStreamApiException.class).until(() -> letters() >= number);
    return management().getMessage("DEAD", number);
  }

  private long letters() throws Exception {
    return management().getStreamInfo("DEAD").getStreamState().getMsgCount();
  }

  /** What somebody types at the terminal; null without one. */
  private String answer;

  private int dead(BusContext edge, String... words) {
    out.reset();
    err.reset();
    return DeadCommand.run(
        new Settings(edge.camel),
        List.of(words),
        name -> !name.equals("unknown"),
        answer == null ? null : new ByteArrayInputStream(answer.getBytes()),
        new PrintStream(out),
        new PrintStream(err));
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private void publish(String body, String... headers) throws Exception {
    Headers all = new Headers();
    for (int i = 0; i < headers.length; i += 2) {
      all.put(headers[i], headers[i + 1]);
    }
    nats.connection().jetStream().publish("telemetry.test.metrics", all, body.getBytes());
  }

  @Test
  void dropAllAsksFirstOnATerminal() throws Exception {
    inbox.refuse((number, time) -> true);
    try (BusContext edge = gateway("inFlight=4")) {
      edge.publish(0, 2);
      letter(2);
      answer = "";
      assertThat(dead(edge, "drop", "all")).isEqualTo(1);
      assertThat(printed()).isEqualTo("Drop 2 dead letters? They cannot be restored. [y/N] ");
      assertThat(err.toString(StandardCharsets.UTF_8))
          .isEqualToNormalizingNewlines("dead: nothing dropped; answer y\n");
      assertThat(letters()).isEqualTo(2);
      answer = "y\n";
      assertThat(dead(edge, "drop", "all")).isZero();
      assertThat(printed()).contains("dropped 2");
      assertThat(letters()).isZero();
    }
  }

  @Test
  void aMessageRefusedFiveTimesBecomesADeadLetterAndOthersPass() throws Exception {
    inbox.refuse((number, time) -> number == 0);
    Instant start = Instant.now();
    try (LogLines log = new LogLines();
        BusContext edge = gateway("inFlight=4")) {
      publish("0", "Nats-Msg-Id", "01J", "site", "berlin", "Nats-Expected-Stream", "TELEMETRY");
      edge.publish(1, 10);
      soon().until(() -> inbox.count() == 9);
      Headers headers = letter(1).getHeaders();
      assertThat(letter(1).getSubject()).isEqualTo("dead.gateway-test.test");
      assertThat(letter(1).getData()).isEqualTo("0".getBytes());
      assertThat(headers.getFirst("Nats-Msg-Id")).startsWith("gateway-test_test-1-").hasSize(39);
      assertThat(headers.getFirst("Dead-Msg-Id")).isEqualTo("01J");
      assertThat(headers.getFirst("site")).isEqualTo("berlin");
      assertThat(headers.getFirst("Dead-Gateway")).isEqualTo("gateway-test");
      assertThat(headers.getFirst("Dead-Device")).isEqualTo("test");
      assertThat(headers.getFirst("Dead-Consumer")).isEqualTo("gateway-test_test");
      assertThat(headers.getFirst("Dead-Reason")).isEqualTo("refused: 0");
      assertThat(headers.getFirst("Dead-Tries")).isEqualTo("5");
      assertThat(headers.getFirst("Dead-Subject")).isEqualTo("telemetry.test.metrics");
      assertThat(headers.getFirst("Dead-Stream")).isEqualTo("TELEMETRY");
      assertThat(headers.containsKey("Nats-Expected-Stream")).isFalse();
      Instant first = Instant.parse(headers.getFirst("Dead-First-Try"));
      Instant last = Instant.parse(headers.getFirst("Dead-Last-Try"));
      assertThat(first).isBetween(start, start.plusSeconds(20));
      assertThat(Duration.between(first, last)).isGreaterThan(Duration.ofSeconds(14));
      soon().until(() -> edge.info().getNumAckPending() == 0);
      assertThat(inbox.times(0)).isEqualTo(5);
      assertThat(edge.counter("bus.dead")).isEqualTo(1);
      assertThat(edge.counter("bus.refused")).isEqualTo(5);
      assertThat(edge.counter("bus.delivered")).isEqualTo(9);
      soon().until(() -> edge.gauge("bus.backlog") == 0);
      assertThat(log.with("WARN gateway-test"))
          .containsExactly(
              "WARN gateway-test: message 1 moved to the stream DEAD after 5 tries: refused: 0; the"
                  + " subcommand dead lists it");
    }
  }

  @Test
  void failuresDuringOutagesNeverCount() throws Exception {
    inbox.refuse(
        (number, time) -> {
          if (time <= 4) {
            uplink.lose();
            uplink.comeBack();
          }
          return time <= 4;
        });
    try (BusContext edge = gateway("inFlight=1", "dead.after", "2")) {
      edge.publish(0, 1);
      soon().until(() -> inbox.count() == 1);
      assertThat(inbox.times(0)).isEqualTo(5);
      assertThat(letters()).isZero();
      assertThat(edge.counter("bus.dead")).isZero();
    }
  }

  @Test
  void aBusyCloudDelaysRedeliveryAndNoFailureCounts() throws Exception {
    uplink.busy();
    inbox.refuse((number, time) -> time <= 3);
    try (BusContext edge = gateway("inFlight=4", "dead.after", "2")) {
      Instant start = Instant.now();
      edge.publish(0, 1);
      soon().until(() -> inbox.count() == 1);
      assertThat(Duration.between(start, Instant.now())).isGreaterThan(Duration.ofMillis(6_900));
      assertThat(inbox.times(0)).isEqualTo(4);
      assertThat(letters()).isZero();
      assertThat(edge.counter("bus.refused")).isEqualTo(3);
    }
  }

  @Test
  void aGatewayWithoutAnUplinkHasNoDeadLetters() throws Exception {
    inbox.refuse((number, time) -> time <= 3);
    try (BusContext edge = new BusContext(nats, "dead.after", "2")) {
      edge.gateway("inFlight=4", inbox).start();
      edge.awaitStreams();
      edge.publish(0, 1);
      soon().until(() -> inbox.count() == 1);
      assertThat(letters()).isZero();
    }
  }

  @Test
  void storesADeadLetterAfterTheStreamIsRecreated() throws Exception {
    inbox.refuse((number, time) -> number == 0);
    try (BusContext edge = gateway("inFlight=4", "dead.after", "2")) {
      management().deleteStream("DEAD");
      edge.publish(0, 5);
      soon().until(() -> edge.counter("bus.dead") == 1);
      assertThat(letter(1).getHeaders().getFirst("Dead-Tries")).isEqualTo("3");
      soon().until(() -> edge.info().getNumAckPending() == 0);
    }
  }

  @Test
  void killingNatsMeanwhileNeitherLosesNorDuplicatesLetters() throws Exception {
    inbox.refuse(
        (number, time) -> {
          if (number == 0 && time == 2) {
            nats.kill();
            nats.start();
          }
          return number == 0;
        });
    try (BusContext edge = gateway("inFlight=4", "dead.after", "2")) {
      edge.publish(0, 5);
      soon().until(() -> edge.counter("bus.dead") == 1);
      soon().until(() -> edge.info().getNumAckPending() == 0 && edge.info().getNumPending() == 0);
      assertThat(letters()).isEqualTo(1);
      assertThat(inbox.count()).isGreaterThanOrEqualTo(4);
    }
  }

  @Test
  void aFullDeadStreamLosesNoMessage() throws Exception {
    inbox.refuse((number, time) -> true);
    try (LogLines log = new LogLines();
        BusContext edge = gateway("inFlight=4", "dead.after", "2", "dead.max-bytes", "1KB")) {
      edge.publish(0, 10);
      soon().until(() -> log.with("cannot move a message to the stream DEAD").size() == 1);
      soon().until(() -> inbox.total() >= 30);
      long kept = letters();
      assertThat(edge.counter("bus.dead")).isEqualTo(kept).isBetween(1.0, 4.0);
      assertThat(edge.info().getNumAckPending()).isEqualTo(10 - kept);
      assertThat(log.with("maximum bytes exceeded")).hasSize(1);
      assertThat(dead(edge, "drop", "all")).isZero();
      assertThat(printed()).isEqualTo("dropped " + kept + "\n");
      soon().until(() -> edge.counter("bus.dead") > kept);
    }
  }

  @Test
  void truncatesABodyThatLeavesNoRoomForHeaders() throws Exception {
    String body = "7".repeat(1024 * 1024 - 50);
    try (BusContext edge = new BusContext(nats, "dead.after", "2")) {
      edge.camel.getRegistry().bind("fake", uplink);
      edge.gateway(
              "uplink=#fake",
              exchange -> {
                throw new IllegalStateException("grün\nund blau");
              })
          .start();
      edge.awaitStreams();
      publish(body, "a", "b");
      MessageInfo letter = letter(1);
      assertThat(letter.getHeaders().getFirst("Dead-Cut-From")).isEqualTo("" + body.length());
      assertThat(letter.getHeaders().getFirst("Dead-Reason")).isEqualTo("gr?n und blau");
      assertThat(letter.getData()).hasSizeBetween(1024 * 1024 - 1000, 1024 * 1024);
      assertThat(dead(edge, "replay", "1")).isEqualTo(1);
      assertThat(err.toString())
          .isEqualTo("dead: 1 was cut to fit into NATS's max_payload and cannot be replayed\n");
    }
  }

  @Test
  void replaysOnlyToTheGatewayWithTheOriginalId() throws Exception {
    Map<String, Object> seen = new ConcurrentHashMap<>();
    Inbox other = new Inbox();
    inbox.refuse((number, time) -> time <= 2);
    try (BusContext edge = new BusContext(nats, "dead.after", "2")) {
      edge.camel.getRegistry().bind("fake", uplink);
      edge.route(
              "gateway-other",
              "jetstream:telemetry.test.>?jetstreamName=TELEMETRY&durableName=gateway-other&uplink=#fake",
              other)
          .gateway(
              "inFlight=4&uplink=#fake",
              exchange -> {
                inbox.process(exchange);
                seen.putAll(exchange.getIn().getHeaders());
              })
          .start();
      edge.awaitStreams();
      publish("0", "Nats-Msg-Id", "01J", "site", "berlin");
      publish("1");
      soon().until(() -> edge.counter("bus.dead") == 2);
      soon().until(() -> other.count() == 2);

      assertThat(dead(edge)).isZero();
      assertThat(printed().lines().toList()).hasSize(3);
      assertThat(printed()).contains("gateway-test").contains("01J").contains("refused: 0");
      assertThat(dead(edge, "drop", "all", "unknown")).isEqualTo(1);
      assertThat(err.toString(StandardCharsets.UTF_8))
          .isEqualTo(
              "dead: unknown gateway \"unknown\"; gateways with dead letters: gateway-test\n");
      assertThat(dead(edge, "list", "gateway-other")).isZero();
      assertThat(printed()).isEqualTo("no dead letters\n");
      String number =
          printed(edge, "list")
              .lines()
              .filter(line -> line.endsWith("refused: 0"))
              .findFirst()
              .orElseThrow()
              .split(" ")[0];
      assertThat(dead(edge, "show", number)).isZero();
      assertThat(printed()).contains("Dead-Subject: telemetry.test.metrics\n").endsWith("\n\n0\n");

      assertThat(dead(edge, "replay", "all", "gateway-test")).isZero();
      assertThat(printed()).isEqualTo("replayed 2\n");
      soon().until(() -> inbox.count() == 2);
      assertThat(letters()).isZero();
      soon()
          .until(
              () ->
                  management().getConsumerInfo("TELEMETRY", "gateway-other").getNumPending() == 0
                      && management()
                              .getConsumerInfo("TELEMETRY", "gateway-other")
                              .getNumAckPending()
                          == 0);
      assertThat(other.accepted()).containsExactly(0, 1);
      assertThat(seen).containsEntry("site", "berlin").containsEntry("Nats-Msg-Id", "01J");
      assertThat(seen.keySet()).noneMatch(name -> name.startsWith("Replay-"));
      assertThat(edge.counter("bus.delivered")).isEqualTo(2);
    }
  }

  private String printed(BusContext edge, String... words) {
    dead(edge, words);
    return printed();
  }

  @Test
  void replaysToNoOtherConsumerOfTheSameRoute() throws Exception {
    inbox.refuse((number, time) -> time <= 2);
    Inbox hub = new Inbox();
    try (BusContext edge = gateway("inFlight=4", "dead.after", "2");
        BusContext other = new BusContext(nats)) {
      other
          .route(
              BusContext.GATEWAY,
              "jetstream:telemetry.*.>?jetstreamName=TELEMETRY&durableName=gateway-test_hub",
              hub)
          .start();
      other.awaitStreams();
      publish("0");
      soon().until(() -> edge.counter("bus.dead") == 1 && hub.count() == 1);
      assertThat(printed(edge, "list", "test")).contains("gateway-test     test  ");
      assertThat(dead(edge, "replay", "all", "test")).isZero();
      soon().until(() -> inbox.count() == 1);
      soon()
          .until(
              () ->
                  management()
                          .getConsumerInfo("TELEMETRY", "gateway-test_hub")
                          .getAckFloor()
                          .getStreamSequence()
                      == 2);
      assertThat(hub.times(0)).isEqualTo(1);
      assertThat(edge.counter("bus.delivered")).isEqualTo(1);
    }
  }

  @Test
  void anInvalidMessageBecomesADeadLetterAtOnce() throws Exception {
    uplink.busy(); // regardless of the uplink's verdict
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats)) {
      edge.camel.getRegistry().bind("fake", uplink);
      edge.route(
              "gateway-alone",
              "jetstream:telemetry.test.>?jetstreamName=TELEMETRY&durableName=gateway-alone_test",
              DeadLetterTest::invalid)
          .gateway("inFlight=1&uplink=#fake", DeadLetterTest::invalid)
          .start();
      edge.awaitStreams();
      nats.connection().jetStream().publish("telemetry.test.commands", "{}".getBytes());
      letter(2);
      assertThat(letter(1).getHeaders().getFirst("Dead-Tries")).isEqualTo("1");
      assertThat(letter(1).getHeaders().getFirst("Dead-Reason")).isEqualTo("kind not allowed");
      assertThat(List.of(letter(1).getSubject(), letter(2).getSubject()))
          .containsExactlyInAnyOrder("dead.gateway-test.test", "dead.gateway-alone.test");
      soon().until(() -> edge.info().getNumAckPending() == 0);
      assertThat(edge.counter("bus.refused")).isZero();
      assertThat(edge.counter("bus.redeliveries")).isZero();
      assertThat(log.with("moved to the stream DEAD after 1 try: kind not allowed")).hasSize(2);
    }
  }

  private static void invalid(Exchange exchange) {
    throw new IllegalStateException("step", new InvalidMessageException("kind not allowed"));
  }

  @Test
  void aFailedReplayBecomesADeadLetterAgain() throws Exception {
    inbox.refuse((number, time) -> time <= 4);
    try (BusContext edge = gateway("inFlight=4", "dead.after", "2")) {
      publish("0", "Nats-Msg-Id", "01J");
      soon().until(() -> edge.counter("bus.dead") == 1);
      assertThat(dead(edge, "replay", "1")).isZero();
      soon().until(() -> edge.counter("bus.dead") == 2);
      Headers headers = management().getMessage("DEAD", 2).getHeaders();
      assertThat(headers.getFirst("Dead-Msg-Id")).isEqualTo("01J");
      assertThat(headers.containsKey("Replay-For")).isFalse();
      assertThat(dead(edge, "replay", "2")).isZero();
      soon().until(() -> inbox.count() == 1);
      assertThat(inbox.times(0)).isEqualTo(5);
      assertThat(dead(edge, "drop", "2")).isEqualTo(1);
      assertThat(err.toString()).isEqualTo("dead: no dead letter 2; list them with: dead list\n");
    }
  }

  @Test
  void keepsTheLetterIfTheReplayIsNotStored() throws Exception {
    inbox.refuse((number, time) -> true);
    try (BusContext edge = gateway("inFlight=4", "dead.after", "2")) {
      publish("0", "Nats-Msg-Id", "01J");
      soon().until(() -> edge.counter("bus.dead") == 1);
      edge.stopGateway();
      management().deleteStream("TELEMETRY");
      assertThat(dead(edge, "replay", "1")).isEqualTo(1);
      assertThat(err.toString()).startsWith("dead: stream not found");
      assertThat(printed()).isEmpty();
      assertThat(letters()).isEqualTo(1);
    }
  }

  @Test
  void doesNotReplayAnInventoryOverANewerOne() throws Exception {
    try (BusContext edge = new BusContext(nats, "dead.after", "2")) {
      edge.camel.getRegistry().bind("fake", uplink);
      edge.route(
              "gateway-x",
              "jetstream:inventory.x?jetstreamName=INVENTORY&durableName=x&uplink=#fake",
              exchange -> {
                throw new IllegalStateException("no");
              })
          .start();
      edge.awaitStreams();
      nats.connection().jetStream().publish("inventory.x", "{}".getBytes());
      letter(1);
      assertThat(dead(edge, "replay", "1")).isEqualTo(1);
      assertThat(err.toString())
          .isEqualTo("dead: 1 would replace a newer message in INVENTORY; drop it\n");
    }
  }

  @Test
  void aLetterThatCannotBeReplayedDoesNotBlockOthers() throws Exception {
    try (BusContext edge = gateway("inFlight=4")) {
      forged("$JS.API.STREAM.DELETE.TELEMETRY", "esc\u001b]0;own\u0007");
      forged("other.subject", "x");
      forged("telemetry.edge.metrics", "x");
      assertThat(dead(edge, "list", "forged")).isZero();
      assertThat(printed())
          .hasLineCount(4)
          .doesNotContain("\u001b")
          .doesNotContain("\u0007")
          .contains("esc?]0;own");
      assertThat(dead(edge, "replay", "all")).isEqualTo(1);
      assertThat(printed()).isEqualTo("replayed 1\n");
      assertThat(err.toString())
          .isEqualTo("dead: 2 remain: 1 has a subject that is not in stream TELEMETRY; drop it\n");
      assertThat(letters()).isEqualTo(2);
    }
  }

  private void forged(String subject, String id) throws Exception {
    Headers headers = new Headers();
    headers.put("Dead-Gateway", "gateway-forged");
    headers.put("Dead-Consumer", "gateway-forged_edge");
    headers.put("Dead-Stream", "TELEMETRY");
    headers.put("Dead-Subject", subject);
    headers.put("Dead-Msg-Id", id);
    headers.put("Nats-Msg-Id", "forged-" + subject);
    nats.connection()
        .jetStream()
        .publish(
            NatsMessage.builder()
                .subject("dead.gateway-forged.edge")
                .headers(headers)
                .data("x\u001b[31m")
                .build());
  }

  @Test
  void listsAndDropsAForeignMessageInDead() throws Exception {
    try (BusContext edge = gateway("inFlight=4")) {
      nats.connection()
          .jetStream()
          .publish(NatsMessage.builder().subject("dead.letter").data("x").build());
      assertThat(dead(edge, "list")).isZero();
      assertThat(printed().lines().skip(1).findFirst().orElseThrow()).startsWith("1       -");
      assertThat(dead(edge, "replay", "1")).isEqualTo(1);
      assertThat(err.toString()).isEqualTo("dead: 1 is not a gateway's dead letter; drop it\n");
      assertThat(dead(edge, "drop", "1")).isZero();
      assertThat(printed()).isEqualTo("dropped 1\n");
      assertThat(letters()).isZero();
    }
  }

  @Test
  void invalidArgumentsPrintTheUsage() throws Exception {
    try (BusContext edge = gateway("inFlight=4")) {
      for (String words :
          new String[] {"show", "show x", "replay", "drop 1 x", "purge", "list a b"}) {
        assertThat(dead(edge, words.split(" "))).as(words).isEqualTo(2);
        assertThat(err.toString()).startsWith("usage: dead [list").hasLineCount(1);
      }
    }
  }
}
