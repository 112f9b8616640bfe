package routes.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import routes.bundles.SignedBundle;
import routes.cloud.CloudSetup.Result;

/** Every cloud/.../rollout, with stand-ins for the clouds' command lines. */
@Tag("slow")
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
class CloudRolloutTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How each cloud stores the desired and the reported state of a device. */
  enum Cloud {
    AZURE("azure", "tags.site = 'berlin'", "--hub", "hub") {
      @Override
      Path file(Path state, String device) {
        return state.resolve("az-twins-hub" + device);
      }

      @Override
      JsonNode stored(JsonNode desired, JsonNode reported) {
        return JSON.createObjectNode()
            .<ObjectNode>set("desired", desired)
            .set("reported", reported);
      }

      @Override
      JsonNode desired(JsonNode stored) {
        return stored.path("desired");
      }
    },
    AWS("aws", "plant", "--region", "eu-central-1") {
      @Override
      Path file(Path state, String device) {
        return state.resolve("aws-shadow-" + device);
      }

      @Override
      JsonNode stored(JsonNode desired, JsonNode reported) {
        return JSON.createObjectNode().set("state", AZURE.stored(desired, reported));
      }

      @Override
      JsonNode desired(JsonNode stored) {
        return stored.path("state").path("desired");
      }
    },
    CLEARBLADE("clearblade", null) {
      @Override
      Path file(Path state, String device) {
        return state.resolve("device-" + device);
      }

      @Override
      JsonNode stored(JsonNode desired, JsonNode reported) {
        ObjectNode stored = JSON.createObjectNode();
        stored.putObject("config").put("version", "7").put("binaryData", base64(desired));
        stored.putObject("state").put("binaryData", base64(reported));
        return stored;
      }

      private static String base64(JsonNode node) {
        return Base64.getEncoder().encodeToString(node.toString().getBytes(StandardCharsets.UTF_8));
      }

      @Override
      JsonNode desired(JsonNode stored) throws IOException {
        return JSON.readTree(stored.path("config").path("binaryData").binaryValue());
      }
    };

    final String name;
    final String group;
    final String[] options;

    Cloud(String name, String group, String... options) {
      this.name = name;
      this.group = group;
      this.options = options;
    }

    abstract Path file(Path state, String device);

    abstract JsonNode stored(JsonNode desired, JsonNode reported);

    abstract JsonNode desired(JsonNode stored) throws IOException;

    CloudSetup in(Path root) {
      return new CloudSetup(root, name, options);
    }

    void add(CloudSetup cloud, String device, String desired, String reported) throws IOException {
      Path state = cloud.state();
      Files.writeString(
          file(state, device), stored(JSON.readTree(desired), JSON.readTree(reported)).toString());
      Files.writeString(state.resolve("aws-thing-" + device), "");
    }

    JsonNode desired(CloudSetup cloud, String device) throws IOException {
      return desired(JSON.readTree(file(cloud.state(), device).toFile()));
    }

    /** The value of --group for edge-1 and edge-2. */
    String group(CloudSetup cloud) throws IOException {
      Path list = Files.writeString(cloud.state().resolve("aws-group-plant"), "edge-1\nedge-2\n");
      return group == null ? list.toString() : group;
    }
  }

  @TempDir Path root;

  @BeforeEach
  void needJq() {
    assumeTrue(
        new CloudSetup(root, "aws").paste("command -v jq").exit() == 0,
        "jq isn't installed: apt-get install jq");
  }

  /** What sign prints. */
  static String offer(Path root, int version) throws IOException {
    SignedBundle bundles = new SignedBundle(Files.createTempDirectory(root, "signed"));
    return bundles.offer(version, "https://example.com/" + version + ".zip", Map.of());
  }

  private static String reported(int version, String phase, int current, String error) {
    return "{\"host\":\"h\",\"bundle\":{\"version\":%d,\"phase\":\"%s\",\"current\":%d,\"error\":%s}}"
        .formatted(version, phase, current, error);
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void offersABundleOnceAndKeepsOtherProperties(Cloud cloud) throws IOException {
    CloudSetup setup = cloud.in(root);
    cloud.add(setup, "edge-1", "{\"fan\":1}", "{}");
    String offer = offer(root, 3);

    Result first = setup.answering(offer).rollout("--device", "edge-1");
    assertThat(first.err()).isEmpty();
    assertThat(first.out()).isEqualTo("edge-1: version 3 offered\n");
    JsonNode desired = cloud.desired(setup, "edge-1");
    assertThat(desired.path("routes")).isEqualTo(JSON.readTree(offer).path("routes"));
    assertThat(desired.path("fan").asInt()).isEqualTo(1);

    Path file = Files.writeString(root.resolve("offer.json"), offer);
    Result second = setup.answering("").rollout("--device", "edge-1", "--file", file.toString());
    assertThat(second.err()).isEmpty();
    assertThat(second.exit()).isZero();
    assertThat(second.out()).isEqualTo("edge-1: version 3 is already offered\n");
    assertThat(setup.calls("put")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void aDeviceThatCannotGetItDoesNotStopTheOthersOfAGroup(Cloud cloud) throws IOException {
    CloudSetup setup = cloud.in(root);
    cloud.add(setup, "edge-1", "{}", reported(5, "active", 5, "null"));
    cloud.add(setup, "edge-2", "{}", "{}");

    Result result = setup.answering(offer(root, 4)).rollout("--group", cloud.group(setup));
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).isEqualTo("edge-2: version 4 offered\n");
    assertThat(result.err())
        .isEqualTo(
            "cloud/%s/rollout: edge-1: version 4 is older than version 5, which it has or was offered:"
                    .formatted(cloud.name)
                + " sign the files with a higher version\n");
    assertThat(cloud.desired(setup, "edge-1").has("routes")).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void doesNotOfferOtherFilesAsTheSameVersion(Cloud cloud) throws IOException {
    CloudSetup setup = cloud.in(root);
    String other = offer(root, 4).replaceFirst("\"sha256\":\"[0-9a-f]{4}", "\"sha256\":\"0000");
    cloud.add(setup, "edge-1", other, "{}");
    Result result = setup.answering(offer(root, 4)).rollout("--device", "edge-1");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("other files as version 4").hasLineCount(1);
    assertThat(setup.calls("put")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void listsWhatDevicesReport(Cloud cloud) throws IOException {
    CloudSetup setup = cloud.in(root);
    String error = "\"plant.camel.yaml:3: unknown\\n\\tstep\"";
    cloud.add(setup, "edge-1", offer(root, 4), reported(4, "rejected", 3, error));
    cloud.add(setup, "edge-2", "{}", "{}");

    Result result = setup.rollout("--status", "--group", cloud.group(setup));
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    assertThat(result.out().lines().map(line -> line.strip().replaceAll(" {2,}", "|")))
        .containsExactly(
            "device|offered|version|phase|current|error",
            "edge-1|4|4|rejected|3|plant.camel.yaml:3: unknown step",
            "edge-2|-|-|-|-|-");
    assertThat(setup.calls("put")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void aDryRunChangesNothing(Cloud cloud) throws IOException {
    CloudSetup setup = cloud.in(root);
    cloud.add(setup, "edge-1", "{}", "{}");
    Result result = setup.answering(offer(root, 4)).rollout("--dry-run", "--device", "edge-1");
    assertThat(result.all()).isEqualTo("edge-1: version 4 would be offered\n");
    assertThat(setup.calls("put")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void reportsAFailureInOneLine(Cloud cloud) throws IOException {
    CloudSetup setup = cloud.in(root);
    cloud.add(setup, "edge-1", "{}", "{}");
    setup.answering(offer(root, 4)).with("CLOUD_BOOM", "edge-1");
    Result result = setup.rollout("--device", "edge-1");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err())
        .matches("cloud/\\w+/rollout: edge-1: .+ failed: .*boom in two lines.*: .+\\n");
    Result unknown = setup.with("CLOUD_BOOM", "").rollout("--device", "edge-9");
    assertThat(unknown.exit()).isEqualTo(1);
    assertThat(unknown.err()).startsWith("cloud/" + cloud.name + "/rollout: edge-9: ");
    assertThat(unknown.err()).hasLineCount(1);
    assertThat(setup.calls("put")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void rejectsInvalidArgumentsBeforeCallingAnything(Cloud cloud) throws IOException {
    CloudSetup setup = cloud.in(root).with("DEVICE_ID", "");
    setup.answering(offer(root, 4));
    String[][] all = {
      {}, {"teardown"}, {"create"}, {"--device", "a b"}, {"--device", "a", "--group", "b"}, {"--x"}
    };
    for (String[] wrong : all) {
      Result result = setup.rollout(wrong);
      assertThat(result.exit()).as(String.join(" ", wrong)).isEqualTo(2);
      assertThat(result.err()).contains("--help").hasLineCount(1);
    }
    for (String input : new String[] {"", "{}", "[]", "{\"routes\":{\"version\":1}}", "x"}) {
      Result result = setup.answering(input).rollout("--device", "edge-1");
      assertThat(result.exit()).isEqualTo(1);
      assertThat(result.err())
          .contains("the input is not the output of ./run sign")
          .hasLineCount(1);
    }
    assertThat(setup.calls()).isEmpty();
    assertThat(setup.rollout("--help").out()).contains("--status", "--group", "./run sign");
  }

  /** An update would create a shadow for any name. */
  @Test
  void awsDoesNotCreateAShadowWithoutAThing() throws IOException {
    CloudSetup setup = Cloud.AWS.in(root);
    Cloud.AWS.add(setup, "edge-1", "{}", "{}");
    Files.delete(setup.state().resolve("aws-shadow-edge-1"));
    assertThat(setup.answering(offer(root, 4)).rollout("--device", "edge-1").all())
        .isEqualTo("edge-1: version 4 offered\n");
    assertThat(setup.rollout("--device", "edge-9").err()).contains("describe-thing failed");
  }

  /** The config belongs to other programs too. */
  @Test
  void clearbladeKeepsAConfigThatIsNoJsonObject() throws IOException {
    CloudSetup setup = Cloud.CLEARBLADE.in(root);
    Cloud.CLEARBLADE.add(setup, "edge-1", "\"fan on\"", "{}");
    Result result = setup.answering(offer(root, 4)).rollout("--device", "edge-1");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("reading its state failed").hasLineCount(1);
    assertThat(setup.calls("put")).isEmpty();
  }
}
