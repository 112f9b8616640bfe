package routes.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.link.MqttMessage;

class AwsReportedTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final AwsReported reported = new AwsReported("aws", new AwsTopics("edge-1"));

  private JsonNode reported(String json) throws IOException {
    MqttMessage update = reported.message(json.getBytes(StandardCharsets.UTF_8));
    assertThat(update.topic()).isEqualTo("$aws/things/edge-1/shadow/update");
    assertThat(update.payload().length).isLessThan(8 * 1024);
    JsonNode whole = JSON.readTree(update.payload());
    assertThat(whole.path("clientToken").asText()).isEqualTo("cloud-iot-routes-inventory");
    return whole.at("/state/reported");
  }

  @Test
  void reportsTheInventory() throws IOException {
    assertThat(reported("{\"host\":\"h\",\"disks\":[{\"size\":1}]}"))
        .hasToString("{\"host\":\"h\",\"disks\":[{\"size\":1}]}");
  }

  @Test
  void removesTheLargestFieldsThatDoNotFit() throws IOException {
    String text = "{\"host\":\"h\",\"disks\":\"%s\",\"interfaces\":\"%s\",\"os\":\"%s\"}";
    JsonNode fits =
        reported(text.formatted("d".repeat(3_000), "i".repeat(6_000), "o".repeat(2_000)));
    assertThat(fits.path("interfaces").isNull()).isTrue();
    assertThat(fits.path("disks").asText()).hasSize(3_000);
    assertThat(fits.path("os").asText()).hasSize(2_000);
    JsonNode less =
        reported(text.formatted("d".repeat(7_500), "i".repeat(9_000), "o".repeat(2_000)));
    assertThat(less.path("interfaces").isNull()).isTrue();
    assertThat(less.path("disks").isNull()).isTrue();
    assertThat(less.path("host").asText()).isEqualTo("h");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[1]", "no json", "1"})
  void rejectsAnythingButAnObject(String text) {
    assertThatThrownBy(() -> reported.message(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class);
  }
}
