package routes.sandbox.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.Certificates;

/** How messages of a plain client are stored in the files of the stand-in for Azure IoT Hub. */
@Tag("slow")
@Timeout(120)
class SandboxAzureFilesTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String EVENTS = "devices/edge-1/messages/events/";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private SandboxAzure hub;
  private AzureTestClient client;

  @BeforeEach
  void start() throws Exception {
    hub =
        new SandboxAzure(folder.resolve("landed"), new Certificates(folder))
            .withBatchTime(Duration.ofMillis(200))
            .register("edge-1", AzureTestClient.KEY)
            .start(0);
    String token =
        AzureTestClient.token(
            "localhost/devices/edge-1", AzureTestClient.KEY, Instant.now().plusSeconds(60));
    client =
        new AzureTestClient("ssl://localhost:" + hub.port(), "edge-1")
            .tls(AzureTestClient.trusting(Path.of(hub.settings().get("AZURE_CA")), null))
            .user("localhost/edge-1/?api-version=2021-04-12", token)
            .connect();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    hub.close();
  }

  private List<Path> files() throws IOException {
    Path landed = Files.createDirectories(folder.resolve("landed"));
    try (Stream<Path> all = Files.walk(landed)) {
      return all.filter(Files::isRegularFile).map(landed::relativize).toList();
    }
  }

  private List<String> lines() throws IOException {
    await().atMost(SOON).until(() -> !files().isEmpty() && !read().isEmpty());
    return read();
  }

  private List<String> read() throws IOException {
    return Files.readAllLines(folder.resolve("landed").resolve(files().get(0)));
  }

  private JsonNode record() throws IOException {
    assertThat(lines()).hasSize(1);
    return JSON.readTree(lines().get(0));
  }

  @Test
  void writesABatchAsOneFileNamedLikeABlobOfTheHub() throws Exception {
    for (int i = 0; i < 3; i++) {
      client.publish(EVENTS, "x" + i);
    }
    await().atMost(SOON).until(() -> lines().size() == 3);
    assertThat(files())
        .singleElement()
        .asString()
        .matches("sandbox/[0-3]/\\d{4}/\\d\\d/\\d\\d/\\d\\d/\\d\\d");
  }

  @Test
  void closingWritesThePendingBatch() throws Exception {
    hub.withBatchTime(Duration.ofHours(1));
    client.publish(EVENTS, "x");
    assertThat(files()).isEmpty();
    hub.close();
    assertThat(lines()).hasSize(1);
  }

  @Test
  void aRecordHasTheFieldsOfTheHub() throws Exception {
    client.publish(
        EVENTS + "$.mid=m1&$.ct=application%2Fjson&$.ce=utf-8&site=Bad%20Homburg", "{\"a\":1}");
    JsonNode record = record();
    String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{7}Z";
    assertThat(record.path("EnqueuedTimeUtc").asText()).matches(time);
    assertThat(record.path("Properties")).isEqualTo(JSON.readTree("{\"site\":\"Bad Homburg\"}"));
    JsonNode system = record.path("SystemProperties");
    assertThat(system.path("messageId").asText()).isEqualTo("m1");
    assertThat(system.path("contentType").asText()).isEqualTo("application/json");
    assertThat(system.path("contentEncoding").asText()).isEqualTo("utf-8");
    assertThat(system.path("connectionDeviceId").asText()).isEqualTo("edge-1");
    assertThat(system.path("connectionAuthMethod").asText())
        .isEqualTo(
            "{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\","
                + "\"acceptingIpFilterRule\":null}");
    assertThat(system.path("connectionDeviceGenerationId").asText()).matches("\\d+");
    assertThat(system.path("enqueuedTime").asText()).matches(time);
    assertThat(record.path("Body")).isEqualTo(JSON.readTree("{\"a\":1}"));
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "$.ct=application%2Fjson",
    "$.ce=utf-8",
    "$.ct=text%2Fplain&$.ce=utf-8",
    "$.ct=application%2Fjson&$.ce=latin1"
  })
  void withoutContentTypeAndEncodingTheBodyIsBase64(String bag) throws Exception {
    client.publish(EVENTS + bag, "{\"a\":1}");
    assertThat(record().path("Body").asText()).isEqualTo("eyJhIjoxfQ==");
  }

  /** Whatever the content type claims. */
  @ParameterizedTest
  @CsvSource({"application%2Fjson", "application%2Foctet-stream"})
  void storesABinaryPayloadOfAnyKindUnchanged(String type) throws Exception {
    byte[] payload = {0, (byte) 0xff, (byte) 0xc3, '{', 10, 0};
    client.publish(
        EVENTS + "$.mid=m1&$.ct=" + type + "&$.ce=utf-8&kind=line-2.press_1&device=plc-7", payload);
    assertThat(record().path("Body").binaryValue()).isEqualTo(payload);
    assertThat(record().path("Properties"))
        .isEqualTo(JSON.readTree("{\"kind\":\"line-2.press_1\",\"device\":\"plc-7\"}"));
  }

  @ParameterizedTest
  @CsvSource({
    "{\"t\":71.10}, {\"t\":71.10}",
    "{} {}, \"e30ge30=\"",
    "'', \"\"",
  })
  void keepsAJsonBodyUnchanged(String sent, String body) throws Exception {
    client.publish(EVENTS + "$.ct=application%2Fjson&$.ce=utf-8&kind=press1", sent);
    assertThat(lines()).singleElement().asString().endsWith("\"Body\":" + body + "}");
  }

  @Test
  void retainBecomesAProperty() throws Exception {
    client.publish(EVENTS + "a=1", "x", 1, true);
    assertThat(record().path("Properties"))
        .isEqualTo(JSON.readTree("{\"a\":\"1\",\"mqtt-retain\":\"true\"}"));
  }
}
