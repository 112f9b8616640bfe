package routes.sandbox.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.sandbox.aws.PlainClients.collect;
import static routes.sandbox.aws.PlainClients.publish;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.mqtt.MqttProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import routes.Certificates;
import routes.sandbox.Arrived;

/** docs/aws-policy.json allows exactly what the runtime does. */
@Tag("slow")
@Timeout(120)
class AwsPolicyFileTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FILE = Path.of("docs/aws-policy.json");
  private static final String SHADOW = "$aws/things/edge-1/shadow/";
  private static final String[] PUBLISHED = {
    "devices/edge-1/metrics",
    "devices/edge-1/press1",
    "devices/edge-1/line-2.press_1",
    "$aws/rules/device_metrics/devices/edge-1/metrics",
    "$aws/rules/device_metrics/devices/edge-1/press1",
    SHADOW + "update",
    SHADOW + "get",
    "cmd/edge-1/ping/reply"
  };
  private static final String[] SUBSCRIBED = {
    "cmd/edge-1/+", SHADOW + "update/delta", SHADOW + "update/rejected", SHADOW + "get/accepted"
  };

  @TempDir Path folder;
  private Certificates certificates;
  private SandboxAws cloud;
  private PlainClients clients;

  @BeforeEach
  void start() {
    certificates = new Certificates(folder);
    cloud = new SandboxAws(folder.resolve("landed"), certificates).start(0);
    clients = new PlainClients(cloud.port(), certificates);
  }

  @AfterEach
  void stop() {
    clients.close();
    cloud.close();
  }

  /** Whether a device can do all that the runtime does. */
  private boolean suffices(String policy) throws Exception {
    Certificates.Identity identity = certificates.client("edge-1", Certificates.ec());
    cloud.register(identity.certificate(), policy, "edge-1");
    try {
      MqttClient client = clients.five("edge-1", identity);
      List<String> received = collect(client, SUBSCRIBED);
      List<String> sent = new ArrayList<>();
      for (String filter : SUBSCRIBED) {
        String sentTo = filter.replace("+", "ping");
        sent.add(sentTo + " ");
        cloud.publish(
            new Arrived("cloud", sentTo, new byte[0], 1, false, MqttProperties.NO_PROPERTIES));
      }
      for (String topic : PUBLISHED) {
        publish(client, topic, "{\"state\":{}}");
      }
      // The broker sent them before the PUBACKs, but Paho delivers them on another thread.
      Awaitility.await().atMost(Duration.ofSeconds(2)).until(() -> received.containsAll(sent));
      return client.isConnected();
    } catch (MqttException | ConditionTimeoutException e) {
      return false;
    }
  }

  @Test
  void isSufficient() throws Exception {
    assertThat(suffices(SandboxAws.policy(FILE))).isTrue();
  }

  /** The policies that result from removing one resource each. */
  static Stream<String> withoutOne() throws IOException {
    String whole = SandboxAws.policy(FILE);
    List<String> policies = new ArrayList<>();
    int statements = JSON.readTree(whole).path("Statement").size();
    for (int i = 0; i < statements; i++) {
      int resources = Math.max(1, JSON.readTree(whole).at("/Statement/" + i + "/Resource").size());
      for (int j = 0; j < resources; j++) {
        ObjectNode policy = (ObjectNode) JSON.readTree(whole);
        if (policy.at("/Statement/" + i + "/Resource") instanceof ArrayNode array) {
          array.remove(j);
        } else {
          ((ArrayNode) policy.path("Statement")).remove(i);
        }
        policies.add(policy.toString());
      }
    }
    return policies.stream();
  }

  @ParameterizedTest
  @MethodSource("withoutOne")
  void containsNothingUnnecessary(String policy) throws Exception {
    assertThat(suffices(policy)).isFalse();
  }

  @Test
  void allowsEveryKindOfTelemetryOfTheDevice() {
    AwsCertificate device =
        new AwsCertificate(AwsPolicy.parse(SandboxAws.policy(FILE)), Optional.of("edge-1"));
    for (String topic : List.of("devices/edge-1", "devices/edge-10/press1", "press1", "a/b")) {
      assertThat(device.may("iot:Publish", "topic/" + topic, "edge-1")).as(topic).isFalse();
      assertThat(device.may("iot:Publish", "topic/$aws/rules/device_metrics/" + topic, "edge-1"))
          .as("Basic Ingest of " + topic)
          .isFalse();
    }
    assertThat(device.may("iot:Publish", "topic/$aws/rules/other/devices/edge-1/a", "edge-1"))
        .isFalse();
    assertThat(device.may("iot:RetainPublish", "topic/devices/edge-1/press1", "edge-1")).isFalse();
  }

  @Test
  void appliesOnlyToTheThing() {
    AwsCertificate other =
        new AwsCertificate(AwsPolicy.parse(SandboxAws.policy(FILE)), Optional.of("edge-2"));
    assertThat(other.may("iot:Connect", "client/edge-2", "edge-2")).isTrue();
    assertThat(other.may("iot:Connect", "client/edge-1", "edge-1")).isFalse();
    for (String topic : PUBLISHED) {
      assertThat(other.may("iot:Publish", "topic/" + topic, "edge-2")).isFalse();
    }
    for (String filter : SUBSCRIBED) {
      assertThat(other.may("iot:Subscribe", "topicfilter/" + filter, "edge-2")).isFalse();
    }
  }
}
