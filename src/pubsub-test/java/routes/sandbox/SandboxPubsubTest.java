package routes.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.pubsub.v1.PublishRequest;
import com.google.pubsub.v1.PublishResponse;
import com.google.pubsub.v1.PubsubMessage;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the stand-in refuses, tested with a client that adds nothing of its own. */
@Timeout(30)
class SandboxPubsubTest {
  private static final String TOPIC = "projects/p/topics/metrics";

  @TempDir Path landed;

  private SandboxPubsub cloud;
  private ManagedChannel channel;
  private Duration patience = Duration.ofSeconds(10);

  @BeforeEach
  void start() {
    cloud = new SandboxPubsub(landed).addTopic(TOPIC).start(0);
    channel = ManagedChannelBuilder.forTarget("127.0.0.1:" + cloud.port()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    cloud.close();
  }

  private PublishResponse publish(String topic, PubsubMessage... messages) {
    PublishRequest request =
        PublishRequest.newBuilder().setTopic(topic).addAllMessages(List.of(messages)).build();
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS);
    return ClientCalls.blockingUnaryCall(channel, SandboxPubsub.PUBLISH, options, request);
  }

  private static PubsubMessage data(String text) {
    return PubsubMessage.newBuilder().setData(ByteString.copyFromUtf8(text)).build();
  }

  private static PubsubMessage attributes(Map<String, String> attributes) {
    return PubsubMessage.newBuilder().putAllAttributes(attributes).build();
  }

  private static PubsubMessage ordered(String key) {
    return data("x").toBuilder().setOrderingKey(key).build();
  }

  private static Map<String, String> many(int count) {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < count; i++) {
      attributes.put("a" + i, "x");
    }
    return attributes;
  }

  @Test
  void storesAMessageInTheFileOfItsTopic() throws Exception {
    PubsubMessage message = data("{}").toBuilder().putAttributes("id", "1").build();
    assertThat(publish(TOPIC, message, data("x")).getMessageIdsList()).containsExactly("1", "2");
    assertThat(cloud.messages()).containsExactly(message, data("x"));
    assertThat(Files.readAllLines(landed.resolve("metrics.jsonl")))
        .hasSize(2)
        .first()
        .asString()
        .contains("\"messageId\":\"1\"")
        .contains("\"attributes\":{\"id\":\"1\"}")
        .contains("\"data\":\"e30=\"");
  }

  @Test
  void storesABinaryPayloadOfAnyKindUnchanged() throws Exception {
    byte[] payload = {0, (byte) 0xff, (byte) 0xc3, '{', 10, 0};
    publish(
        TOPIC,
        PubsubMessage.newBuilder()
            .setData(ByteString.copyFrom(payload))
            .putAttributes("kind", "line-2.press_1")
            .build());
    JsonNode line = new ObjectMapper().readTree(Files.readString(landed.resolve("metrics.jsonl")));
    assertThat(line.path("data").binaryValue()).isEqualTo(payload);
    assertThat(line.at("/attributes/kind").asText()).isEqualTo("line-2.press_1");
  }

  static Stream<Arguments> allowed() {
    return Stream.of(
        Arguments.of("attributes alone", attributes(Map.of("a", ""))),
        Arguments.of("100 attributes", attributes(many(100))),
        Arguments.of("a long name", attributes(Map.of("x".repeat(256), "1"))),
        Arguments.of("a long value", attributes(Map.of("a", "x".repeat(1024)))),
        Arguments.of("a long ordering key", ordered("x".repeat(1024))),
        Arguments.of("9 MB", data("x".repeat(9_000_000))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void allowed(String name, PubsubMessage message) {
    assertThat(publish(TOPIC, message).getMessageIdsCount()).isEqualTo(1);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("nothing", PubsubMessage.getDefaultInstance()),
        Arguments.of("101 attributes", attributes(many(101))),
        Arguments.of("a name of 257 bytes", attributes(Map.of("x".repeat(257), "1"))),
        Arguments.of("an empty name", attributes(Map.of("", "1"))),
        Arguments.of("goog", attributes(Map.of("googclient", "1"))),
        Arguments.of("a value of 1025 bytes", attributes(Map.of("a", "x".repeat(1025)))),
        Arguments.of("an ordering key of 1025 bytes", ordered("x".repeat(1025))),
        Arguments.of("more than 10 MB", data("x".repeat(10_000_001))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String name, PubsubMessage message) {
    assertThat(code(TOPIC, data("x"), message)).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(cloud.messages()).as("one bad message fails its request").isEmpty();
  }

  private Status.Code code(String topic, PubsubMessage... messages) {
    try {
      publish(topic, messages);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  @Test
  void limitsARequestTo1000MessagesOfOneOrderingKey() {
    assertThat(code(TOPIC)).isEqualTo(Status.Code.INVALID_ARGUMENT);
    PubsubMessage[] many = new PubsubMessage[1001];
    Arrays.fill(many, data("x"));
    assertThat(code(TOPIC, many)).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(code(TOPIC, ordered("a"), ordered("b"))).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void rejectsAMissingTopic() {
    assertThatThrownBy(() -> publish("projects/p/topics/other", data("x")))
        .hasMessage("NOT_FOUND: Resource not found (resource=other).");
    assertThat(code("metrics", data("x"))).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void rejectsOtherMethodsByName() {
    for (String method : List.of("Publisher/CreateTopic", "Subscriber/StreamingPull")) {
      String name = "google.pubsub.v1." + method;
      assertThatThrownBy(
              () ->
                  ClientCalls.blockingUnaryCall(
                      channel,
                      SandboxPubsub.PUBLISH.toBuilder().setFullMethodName(name).build(),
                      CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
                      PublishRequest.getDefaultInstance()))
          .hasMessageStartingWith("UNIMPLEMENTED: the sandbox ")
          .hasMessageEndingWith(name);
    }
  }

  @Test
  void canBeUnavailableSlowOrForbidding() {
    cloud.answer = message -> Status.UNAVAILABLE;
    assertThat(code(TOPIC, data("x"))).isEqualTo(Status.Code.UNAVAILABLE);
    cloud.answer = message -> Status.PERMISSION_DENIED;
    assertThat(code(TOPIC, data("x"))).isEqualTo(Status.Code.PERMISSION_DENIED);
    cloud.answer = message -> Status.OK;
    cloud.authorization = header -> header != null;
    assertThat(code(TOPIC, data("x"))).isEqualTo(Status.Code.UNAUTHENTICATED);
    cloud.authorization = header -> true;
    cloud.delay = Duration.ofSeconds(2);
    patience = Duration.ofSeconds(1);
    assertThat(code(TOPIC, data("x"))).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }
}
