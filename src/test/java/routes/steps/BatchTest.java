package routes.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static routes.jetstream.BusContext.soon;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.NatsServer;
import routes.jetstream.LogLines;
import routes.uplink.InvalidMessageException;

class BatchTest {
  private static final String ROUTE = "gateway-test";

  @RegisterExtension final NatsServer nats = new NatsServer();

  private final List<String> arrived = new CopyOnWriteArrayList<>();
  private final Map<String, Object> ids = new ConcurrentHashMap<>();
  private final Set<String> allIds = ConcurrentHashMap.newKeySet();
  private volatile Predicate<String> refuses = body -> false;
  private volatile Predicate<String> invalid = body -> false;
  private volatile CountDownLatch gate = new CountDownLatch(0);

  private EdgeContext edge(int inFlight, String options) throws Exception {
    EdgeContext edge = new EdgeContext(nats);
    RouteBuilder.addRoutes(
        edge.bus.camel,
        routes ->
            routes
                .from("jetstream:telemetry.test.>?jetstreamName=TELEMETRY&inFlight=" + inFlight)
                .routeId(ROUTE)
                .to("batch?" + options)
                .process(this::arrive));
    return edge;
  }

  private void arrive(Exchange exchange) throws InterruptedException {
    String body = exchange.getMessage().getBody(String.class);
    gate.await();
    if (invalid.test(body)) {
      throw new InvalidMessageException("too large");
    }
    if (refuses.test(body)) {
      throw new IllegalStateException("refused");
    }
    String id = exchange.getMessage().getHeader("Nats-Msg-Id", "none", String.class);
    ids.put(body, id);
    allIds.add(id);
    arrived.add(body);
  }

  private List<Integer> numbers() {
    List<Integer> numbers = new ArrayList<>();
    for (String body : arrived) {
      for (JsonNode number : EdgeContext.json(body.getBytes(StandardCharsets.UTF_8))) {
        numbers.add(number.asInt());
      }
    }
    return numbers.stream().sorted().toList();
  }

  private static void publish(EdgeContext edge, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      edge.publish("telemetry.test.press1", Integer.toString(i));
    }
  }

  private static List<Integer> range(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  @Test
  void closesByCountAndByTime() throws Exception {
    try (EdgeContext edge = edge(100, "count=10&time=1s").start()) {
      publish(edge, 0, 25);
      soon().until(() -> numbers().size() == 25);
      assertThat(numbers()).isEqualTo(range(0, 25));
      assertThat(arrived).hasSize(3);
      assertThat(ids.get(arrived.get(0))).asString().hasSize(36);
      soon().until(() -> edge.settled(ROUTE));
    }
  }

  /** Otherwise JetStream would drop the second one. */
  @Test
  void batchesOfEqualMessagesHaveDifferentIds() throws Exception {
    try (EdgeContext edge = edge(100, "count=5&time=1s").start()) {
      for (int i = 0; i < 20; i++) {
        publish(edge, 7, 8);
      }
      soon().until(() -> arrived.size() == 4);
      assertThat(arrived).containsOnly("[7,7,7,7,7]");
      assertThat(allIds).hasSize(4);
    }
  }

  @Test
  void closesByBytesAndKeepsALargerMessageAlone() throws Exception {
    try (EdgeContext edge = edge(100, "bytes=1KB&time=1s").start()) {
      String text = '"' + "x".repeat(398) + '"';
      String large = '"' + "y".repeat(3000) + '"';
      for (String body : List.of(text, text, text, large, text)) {
        edge.publish("telemetry.test.press1", body);
      }
      soon().until(() -> arrived.size() == 4);
      assertThat(arrived.stream().map(String::length)).containsExactly(803, 402, 3004, 402);
    }
  }

  @Test
  void closesWhenNoOtherMessageMayArrive() throws Exception {
    try (EdgeContext edge = edge(4, "time=1h").start()) {
      publish(edge, 0, 8);
      soon().until(() -> arrived.size() == 2);
    }
  }

  @Test
  void combinesMessagesOfOneKindOnly() throws Exception {
    try (EdgeContext edge = edge(100, "time=300ms").start()) {
      edge.publish("telemetry.test.a", "1");
      edge.publish("telemetry.test.b", "2");
      edge.publish("telemetry.test.a", "3");
      soon().until(() -> arrived.size() == 2);
      assertThat(arrived).containsExactlyInAnyOrder("[1,3]", "[2]");
    }
  }

  @Test
  void acknowledgesNothingBeforeTheBatchArrives() throws Exception {
    gate = new CountDownLatch(1);
    try (EdgeContext edge = edge(100, "count=5").start()) {
      publish(edge, 0, 5);
      soon().until(() -> edge.pending(ROUTE) == 5);
      gate.countDown();
      soon().until(() -> edge.settled(ROUTE));
    }
  }

  @Test
  void sendsARefusedBatchMessageByMessage() throws Exception {
    refuses = body -> body.contains("3") && arrived.size() < 4 || body.length() > 3;
    try (EdgeContext edge = edge(100, "count=5").start();
        LogLines log = new LogLines()) {
      publish(edge, 0, 5);
      soon().until(() -> edge.settled(ROUTE));
      assertThat(arrived).contains("[0]", "[1]", "[2]", "[3]", "[4]").hasSize(5);
      assertThat(log.with("WARN")).filteredOn(line -> line.contains("refused")).hasSize(1);
    }
  }

  @Test
  void anInvalidMessageBecomesADeadLetterAndTheOthersDoNot() throws Exception {
    invalid = body -> body.contains("3");
    try (EdgeContext edge = edge(100, "count=5").start()) {
      publish(edge, 0, 5);
      soon().until(() -> edge.settled(ROUTE));
      assertThat(numbers()).containsExactly(0, 1, 2, 4);
      soon().until(() -> edge.dead() == 1);
    }
  }

  @Test
  void sendsAMessageThatIsNotJsonAlone() throws Exception {
    try (EdgeContext edge = edge(100, "time=300ms").start();
        LogLines log = new LogLines()) {
      edge.publish("telemetry.test.a", "1");
      edge.publish("telemetry.test.a", "21.5 C");
      edge.publish("telemetry.test.a", "");
      edge.publish("telemetry.test.a", "2");
      soon().until(() -> edge.settled(ROUTE));
      assertThat(arrived).containsExactlyInAnyOrder("[1,2]", "21.5 C", "");
      assertThat(log.with("WARN"))
          .singleElement()
          .asString()
          .contains("gateway-test: a payload is not JSON and is sent alone as it is");
    }
  }

  @Test
  void anOpenBatchReturnsToTheBusWhenTheRouteStops() throws Exception {
    long start = System.nanoTime();
    try (EdgeContext edge = edge(100, "count=50&time=1h").start()) {
      publish(edge, 0, 7);
      soon().until(() -> edge.pending(ROUTE) == 7);
    }
    assertThat(System.nanoTime() - start).isLessThan(9_000_000_000L);
    try (EdgeContext edge = edge(100, "count=50&time=1s").start()) {
      soon().until(() -> edge.settled(ROUTE));
      assertThat(numbers()).isEqualTo(range(0, 7));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "10,count=11,count is 11; only 10 messages may be in flight",
    "10,count=0,count",
    "10,bytes=100,bytes",
    "10,time=0,time",
    "10,window=1ms,window",
    "10,valeu=x,valeu",
    "10,value=RAW(.a +),invalid jq",
  })
  void rejectsAnInvalidOption(int inFlight, String options, String says) throws Exception {
    try (EdgeContext edge = edge(inFlight, options)) {
      assertThatThrownBy(edge::start)
          .satisfies(
              thrown -> {
                StringBuilder all = new StringBuilder();
                for (Throwable e = thrown; e != null; e = e.getCause()) {
                  all.append(e.getMessage()).append('\n');
                }
                assertThat(all.toString()).contains(says);
              });
    }
  }
}
