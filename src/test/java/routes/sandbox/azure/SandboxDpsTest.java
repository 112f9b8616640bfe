package routes.sandbox.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;

/** Plain clients break and follow each rule of the Device Provisioning Service. */
@Tag("slow")
@Timeout(120)
class SandboxDpsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String KEY = AzureTestClient.KEY;
  private static final String SCOPE = SandboxDps.ID_SCOPE;
  private static final String USER = SCOPE + "/registrations/edge-1/api-version=2019-03-31";
  private static final String SR = SCOPE + "%2Fregistrations%2Fedge-1";
  private static final String REGISTER = "$dps/registrations/PUT/iotdps-register/?$rid=";
  private static final String POLL = "$dps/registrations/GET/iotdps-get-operationstatus/?$rid=";

  @TempDir Path folder;
  private Certificates certificates;
  private SandboxAzure hub;
  private SandboxDps service;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void start() {
    certificates = new Certificates(folder);
    hub = new SandboxAzure(folder.resolve("landed"), certificates).start(0);
    service = new SandboxDps(hub, certificates).start(0);
    service.enroll("edge-1", "edge-1", KEY);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable client : opened) {
      client.close();
    }
    service.close();
    hub.close();
  }

  private AzureTestClient client(String id, Certificates.Identity identity) throws Exception {
    AzureTestClient client = new AzureTestClient("ssl://localhost:" + service.port(), id);
    opened.add(client);
    Path ca = Path.of(service.settings().get("AZURE_CA"));
    return client.tls(AzureTestClient.trusting(ca, identity));
  }

  private static String token(String sr, String skn, long seconds) throws Exception {
    return AzureTestClient.token(sr, KEY, Instant.now().plusSeconds(seconds)) + skn;
  }

  private AzureTestClient connected() throws Exception {
    return client("edge-1", null).user(USER, token(SR, "&skn=registration", 60)).connect();
  }

  private void refused(AzureTestClient client, String why) {
    assertThatThrownBy(client::connect)
        .isInstanceOfSatisfying(
            MqttException.class, e -> assertThat(e.getReasonCode()).isEqualTo(5));
    assertThat(service.refusals()).last().asString().contains(why);
  }

  private String answer(AzureTestClient client, int number) {
    await().atMost(SOON).until(() -> client.received.size() >= number);
    return client.received.get(number - 1);
  }

  @ParameterizedTest
  @CsvSource({
    "edge-1, 0ne00OTHER, 2019-03-31, unknown ID scope 0ne00OTHER",
    "edge-1, 0ne00ABCDEF, 2018-11-01, the user name or its API version",
    "edge-2, 0ne00ABCDEF, 2019-03-31, the client id is not the registration id edge-1",
  })
  void refusesAnotherUserName(String client, String scope, String version, String why)
      throws Exception {
    String user = scope + "/registrations/edge-1/api-version=" + version;
    refused(client(client, null).user(user, token(SR, "&skn=registration", 60)), why);
  }

  @ParameterizedTest
  @CsvSource({
    "0ne00ABCDEF%2Fregistrations%2Fedge-2, registration, 60, the token is for 0ne00ABCDEF/reg",
    "0ne00ABCDEF%2Fregistrations, registration, 60, 'the token is for 0ne00ABCDEF/registrations,'",
    "0ne00ABCDEF%2Fregistrations%2Fedge-1, '', 60, the token's skn is",
    "0ne00ABCDEF%2Fregistrations%2Fedge-1, device, 60, the token's skn is \"device\"",
    "0ne00ABCDEF%2Fregistrations%2Fedge-1, registration, -1, the token expired",
  })
  void refusesAnotherToken(String sr, String skn, long seconds, String why) throws Exception {
    String policy = skn.isEmpty() ? "" : "&skn=" + skn;
    refused(client("edge-1", null).user(USER, token(sr, policy, seconds)), why);
  }

  @Test
  void refusesAWrongKeyAndNoCredential() throws Exception {
    String other = "YW5vdGhlci1rZXktb2YtMzItYnl0ZXMteHh4eHh4eHg=";
    String token = AzureTestClient.token(SR, other, Instant.now().plusSeconds(60));
    refused(client("edge-1", null).user(USER, token + "&skn=registration"), "signature is wrong");
    refused(client("edge-1", null).user(USER, null), "sent neither token nor certificate");
    Certificates.Identity stranger = certificates.client("edge-2", Certificates.ec());
    refused(client("edge-1", stranger).user(USER, null), "common name is not the registration id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"$dps/registrations/res/202/#", "#", "$dps/registrations/PUT/#"})
  void permitsOneFilter(String filter) throws Exception {
    AzureTestClient client = connected();
    assertThatThrownBy(() -> client.subscribe(filter)).isInstanceOf(MqttException.class);
    assertThat(service.refusals()).last().asString().contains("the filter " + filter);
  }

  @ParameterizedTest
  @ValueSource(strings = {"$dps/registrations/PUT/iotdps-register/", "devices/edge-1/x"})
  void permitsTwoTopics(String topic) throws Exception {
    AzureTestClient client = connected();
    assertThatThrownBy(() -> client.publish(topic, "{}")).isInstanceOf(MqttException.class);
    assertThat(service.refusals()).last().asString().contains("a message on " + topic);
  }

  @Test
  void assignsADeviceAfterAPoll() throws Exception {
    AzureTestClient client = connected().subscribe("$dps/registrations/res/#");
    service.retryAfter = 3;
    client.publish(REGISTER + "a", "{\"registrationId\":\"edge-1\"}");
    assertThat(answer(client, 1))
        .startsWith("$dps/registrations/res/202/?$rid=a&retry-after=3 {\"operationId\":\"")
        .endsWith("\",\"status\":\"assigning\"}");
    String operation = client.received.get(0).replaceFirst(".*\"operationId\":\"([^\"]*).*", "$1");
    client.publish(POLL + "b&operationId=" + operation, "");
    assertThat(answer(client, 2)).startsWith("$dps/registrations/res/202/?$rid=b&retry-after=3 ");
    assertThat(service.earlyPolls).hasValue(1);
    client.publish(POLL + "c&operationId=" + operation, "");
    assertThat(answer(client, 3))
        .startsWith("$dps/registrations/res/200/?$rid=c ")
        .contains("\"assignedHub\":\"localhost\",\"deviceId\":\"edge-1\",\"status\":\"assigned\"");
    assertThat(hub.settings("edge-1").get("AZURE_CONNECTION_STRING")).endsWith("Key=" + KEY);
  }

  @Test
  void answersWithErrors() throws Exception {
    AzureTestClient client = connected().subscribe("$dps/registrations/res/#");
    client.publish(REGISTER + "1", "{\"registrationId\":\"edge-2\"}");
    assertThat(answer(client, 1)).startsWith("$dps/registrations/res/400/?$rid=1 ");
    client.publish(POLL + "2&operationId=x", "");
    assertThat(answer(client, 2)).startsWith("$dps/registrations/res/404/?$rid=2 ");
    service.throttled.set(1);
    client.publish(REGISTER + "3", "{\"registrationId\":\"edge-1\"}");
    assertThat(answer(client, 3)).startsWith("$dps/registrations/res/429/?$rid=3&retry-after=1 ");
    client.publish(REGISTER + "4", "{\"registrationId\":\"edge-1\"}");
    assertThat(answer(client, 4)).startsWith("$dps/registrations/res/202/?$rid=4");
  }
}
