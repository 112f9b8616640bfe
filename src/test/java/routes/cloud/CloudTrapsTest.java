package routes.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.cloud.CloudSetup.Result;

/** The pitfalls of each cloud that its script avoids. */
@Tag("slow")
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
class CloudTrapsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path root;

  private CloudSetup setup(String cloud, String... options) {
    return new CloudSetup(root, cloud, options);
  }

  private static String make(CloudSetup setup, String command) {
    return setup.calls("make").stream()
        .filter(call -> call.startsWith(command))
        .findFirst()
        .orElseThrow();
  }

  /** The words of a call, as the shell splits them. */
  private List<String> words(CloudSetup setup, String call) {
    return setup.shell("printf '%s\\n' " + call).lines().toList();
  }

  private JsonNode json(CloudSetup setup, String command, String option) throws IOException {
    List<String> words = words(setup, make(setup, command));
    return JSON.readTree(words.get(words.indexOf(option) + 1));
  }

  private Path inTheCloud(String kind) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("state"))) {
      return files.filter(file -> file.toString().contains(kind)).findFirst().orElseThrow();
    }
  }

  /** Known reasons why a cloud receives nothing after the setup. */
  @Test
  void awsRuleStoresEachMessageAndReportsFailures() throws IOException {
    CloudSetup setup = setup("aws", "--region", "eu-central-1");
    setup.create();

    JsonNode rule = json(setup, "aws iot create-topic-rule", "--topic-rule-payload");
    assertThat(rule.get("awsIotSqlVersion").asText()).isEqualTo("2016-03-23");
    assertThat(rule.get("sql").asText()).isEqualTo("SELECT * FROM 'devices/+/+'");
    JsonNode store = rule.at("/actions/0/s3");
    assertThat(store.get("key").asText()).contains("${topic()}", "${timestamp()}", "${newuuid()}");
    assertThat(store.has("cannedAcl")).isFalse();
    String role = "arn:aws:iam::123456789012:role/device_metrics-eu-central-1";
    assertThat(store.get("roleArn").asText()).isEqualTo(role);
    assertThat(rule.at("/errorAction/cloudwatchLogs/roleArn").asText()).isEqualTo(role);

    JsonNode trust = json(setup, "aws iam create-role", "--assume-role-policy-document");
    assertThat(trust.at("/Statement/0/Principal/Service").asText()).isEqualTo("iot.amazonaws.com");
    JsonNode may = json(setup, "aws iam put-role-policy", "--policy-document");
    String bucket = "device-metrics-123456789012-eu-central-1";
    assertThat(store.get("bucketName").asText()).isEqualTo(bucket);
    assertThat(may.at("/Statement/0/Action").asText()).isEqualTo("s3:PutObject");
    assertThat(may.at("/Statement/0/Resource").asText())
        .isEqualTo("arn:aws:s3:::" + bucket + "/devices/*");
    assertThat(may.at("/Statement/1/Resource").asText())
        .contains(
            ":log-group:" + rule.at("/errorAction/cloudwatchLogs/logGroupName").asText() + ":");

    String policy = "--policy-name device_metrics ";
    assertThat(make(setup, "aws iot create-policy")).contains(policy);
    assertThat(make(setup, "aws iot attach-policy")).contains(policy);
    assertThat(make(setup, "aws s3api create-bucket")).contains("LocationConstraint=eu-central-1");

    JsonNode filled = json(setup, "aws iot create-policy", "--policy-document");
    assertThat(filled).isEqualTo(documented("aws-policy.json", "REGION", ""));
    assertThat(filled.toString()).hasSizeLessThanOrEqualTo(2048);
  }

  @Test
  void usEast1NeedsNoLocationAndBasicIngestSendsToTheRule() {
    CloudSetup setup = setup("aws", "--region", "us-east-1", "--basic-ingest", "--rule", "mine");
    setup.create();
    assertThat(make(setup, "aws s3api create-bucket")).doesNotContain("LocationConstraint");
    assertThat(make(setup, "aws iot create-policy"))
        .contains("rules/mine/")
        .doesNotContain("device_metrics");
    assertThat(CloudSetupTest.loaded(setup)).containsEntry("AWS_RULE", "mine");
  }

  @Test
  void hubMayPublishForEveryDeviceAndIsItselfOtherwise() throws Exception {
    CloudSetup setup = setup("aws", "--hub");
    setup.create();
    assertThat(make(setup, "aws iot create-policy")).contains("--policy-name device_metrics_hub ");
    String policy = json(setup, "aws iot create-policy", "--policy-document").toString();
    assertThat(policy)
        .contains(":topic/devices/*\"", ":topic/$aws/rules/device_metrics/devices/*\"")
        .contains(":client/${iot:Connection.Thing.ThingName}\"")
        .doesNotContain("devices/${iot");
    assertThat(CloudSetupTest.loaded(setup))
        .containsEntry("GATEWAYS", "aws-hub")
        .containsKeys("AWS_HUB_ENDPOINT", "AWS_HUB_CERTIFICATE", "AWS_HUB_PRIVATE_KEY");
  }

  @Test
  void reportsInvalidAwsNamesFirst() {
    CloudSetup setup = setup("aws");
    assertThat(setup.create("--rule", "synpse-s3").err()).contains("--rule synpse-s3");
    assertThat(setup.create("--device", "edge.1").err()).contains("--device edge.1");
    assertThat(setup.calls()).isEmpty();
  }

  @Test
  void createsNoSecondCertificateForAThingWhoseKeyIsElsewhere(@TempDir Path elsewhere) {
    new CloudSetup(root, elsewhere, "aws").create();
    CloudSetup setup = setup("aws");
    Result result = setup.create();
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err())
        .contains("thing edge-1", "edge-1.key", "detach-thing-principal")
        .hasLineCount(1);
    assertThat(setup.calls("make")).isEmpty();
  }

  @Test
  void awsProvisioningUsesTheDocumentedTemplateAndClaim() throws IOException {
    CloudSetup setup =
        setup("aws", "--region", "eu-central-1", "--provisioning", "--template", "line-7");
    setup.create();
    assertThat(setup.calls("make"))
        .noneMatch(call -> call.contains("create-thing"))
        .anyMatch(call -> call.contains("attach-policy --policy-name line-7-claim "))
        .noneMatch(call -> call.contains("attach-policy --policy-name device_metrics "));
    assertThat(json(setup, "aws iot create-provisioning-template", "--template-body"))
        .isEqualTo(documented("aws-provisioning-template.json", "edge-devices", "device_metrics"));
    assertThat(make(setup, "aws iot create-provisioning-template"))
        .contains("--enabled ", ":role/line-7-provisioning-eu-central-1 ");
    assertThat(make(setup, "aws iam attach-role-policy")).contains("/AWSIoTThingsRegistration");
    assertThat(json(setup, "aws iot create-policy --policy-name line-7-claim", "--policy-document"))
        .isEqualTo(documented("aws-claim-policy.json", "TEMPLATE", "line-7"));
    assertThat(json(setup, "aws iot create-policy", "--policy-document"))
        .isEqualTo(documented("aws-policy.json", "REGION", ""));
    assertThat(CloudSetupTest.loaded(setup))
        .containsEntry("AWS_PROVISIONING_TEMPLATE", "line-7")
        .doesNotContainKey("AWS_CERTIFICATE");
  }

  private static JsonNode documented(String file, String name, String value) throws IOException {
    return JSON.readTree(
        Files.readString(Path.of("docs", file))
            .replace("REGION", "eu-central-1")
            .replace("ACCOUNT", "123456789012")
            .replace(name, value));
  }

  @Test
  void teardownRemovesWhatFleetProvisioningCreated() {
    CloudSetup setup = setup("aws", "--provisioning");
    setup.create();
    String certificate = "arn:aws:iot:eu-central-1:123456789012:cert/" + "5e".repeat(32);
    setup.shell(
        "aws iot create-thing --thing-name edge-1;"
            + "aws iot attach-policy --policy-name device_metrics --target "
            + certificate
            + ";aws iot attach-thing-principal --thing-name edge-1 --principal "
            + certificate
            + ";touch $CLOUD_STATE/aws-certificate-"
            + "5e".repeat(32));
    Result result = setup.teardown("--yes");
    assertThat(result.out()).contains("thing edge-1: removed");
    assertThat(setup.there()).noneMatch(name -> name.matches("aws-(thing|at|attached|cert).*"));
  }

  /** A device that existed before keeps the identity that it had. */
  @Test
  void teardownKeepsThingsAndDevicesThatExistedBefore() {
    CloudSetup aws = setup("aws", "--provisioning");
    aws.shell("aws iot create-thing --thing-name edge-1");
    aws.create();
    assertThat(aws.teardown("--yes").out()).doesNotContain("thing edge-1");
    assertThat(aws.there()).contains("aws-thing-edge-1");
    CloudSetup azure = setup("azure", "--provisioning", "--hub", "ours");
    azure.shell("az iot hub device-identity create --hub-name ours --device-id edge-1");
    azure.create();
    assertThat(azure.teardown("--yes").out()).doesNotContain("device edge-1");
    assertThat(azure.there()).contains("az-device-oursedge-1");
  }

  @Test
  void azureProvisioningLinksTheHubAndGivesEachDeviceItsOwnKey() {
    CloudSetup setup = setup("azure", "--provisioning", "--hub", "ours", "--group", "line-7");
    Result result = setup.create();
    assertThat(setup.calls("make"))
        .noneMatch(call -> call.contains("device-identity create"))
        .anyMatch(call -> call.contains("linked-hub create") && call.contains("--hub-name ours "));
    assertThat(setup.calls().toString())
        .contains("compute-device-key")
        .contains("--enrollment-id line-7 --registration-id edge-1 ")
        .doesNotContain("--show-keys", "iothubowner");
    assertThat(CloudSetupTest.loaded(setup))
        .containsEntry("AZURE_DPS_ID_SCOPE", "0ne00ABCDEF")
        .containsKey("AZURE_DPS_DEVICE_KEY")
        .doesNotContainKeys("AZURE_DPS_GROUP_KEY", "AZURE_CONNECTION_STRING");
    assertThat(result.out()).contains("./run provision; ./run", "compute-device-key");
    assertThat(setup.create("--show-secrets").out()).contains("AZURE_DPS_DEVICE_KEY=U0VD");
    setup.shell("az iot hub device-identity create --hub-name ours --device-id edge-1");
    assertThat(setup.teardown("--yes").out()).contains("device edge-1: removed");
  }

  @ParameterizedTest
  @CsvSource({
    "azure, --dps, a b, --dps a b: 3 to 64",
    "azure, --group, a/b, --group a/b: at most 128",
    "azure, --device, edge_, --device edge_: a registration id",
    "azure, --x509, '', docs/connect/azure.md",
    "aws, --template, a.b, --template a.b: use at most 36",
    "aws, --rule, a23456789012345678901234567890123456789, use at most 36",
    "aws, --hub, '', omit one",
  })
  void namesTheInvalidOptionOfProvisioning(String cloud, String option, String value, String why) {
    CloudSetup setup = setup(cloud, "--provisioning");
    Result result = value.isEmpty() ? setup.create(option) : setup.create(option, value);
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err()).contains(why).hasLineCount(1);
    assertThat(setup.calls()).isEmpty();
  }

  @Test
  void keepsTheAccessOfAnExistingBucket(@TempDir Path elsewhere) {
    new CloudSetup(root, elsewhere, "aws", "--bucket", "ours").create("--device", "edge-0");
    CloudSetup setup = setup("aws", "--bucket", "ours");
    Result result = setup.create();
    assertThat(result.out()).contains("bucket ours: existed before");
    assertThat(setup.calls().toString()).doesNotContain("public-access-block");
  }

  @Test
  void azureStoresJsonAndKeepsTheBuiltInEndpoint() {
    CloudSetup setup = setup("azure");
    setup.create();
    assertThat(make(setup, "az iot hub message-endpoint"))
        .contains("--encoding json", "--identity \\[system\\]")
        .doesNotContain("--connection-string");
    assertThat(setup.calls("make").stream().filter(call -> call.contains("message-route create")))
        .anyMatch(call -> call.contains("--endpoint-name device-metrics "))
        .anyMatch(call -> call.contains("--endpoint-name events "));
    assertThat(make(setup, "az iot hub device-identity")).doesNotContain("--ee", "--edge-enabled");
    assertThat(make(setup, "az iot hub create")).contains("--sku F1 --partition-count 2");
    assertThat(setup.calls().toString()).doesNotContain("show-connection-string", "keys list");
    assertThat(CloudSetupTest.loaded(setup))
        .containsEntry("COLLECT_PERIOD", "2m")
        .hasEntrySatisfying(
            "AZURE_CONNECTION_STRING",
            value ->
                assertThat(value)
                    .contains("DeviceId=edge-1")
                    .doesNotContain("SharedAccessKeyName"));
    assertThat(setup.create("--show-secrets").out()).contains("SharedAccessKey=");
    assertThat(setup.create("--sku", "S1").out()).doesNotContain("COLLECT_PERIOD");
  }

  @Test
  void reportsAnAzureEndpointThatWritesAvro() throws IOException {
    CloudSetup setup = setup("azure");
    setup.create();
    Files.writeString(inTheCloud("az-endpoint-"), "--encoding avro");
    Result result = setup.create();
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("avro", "message-endpoint delete").hasLineCount(1);
  }

  @Test
  void anAzureDeviceAuthenticatesOnlyByItsThumbprint() throws Exception {
    CloudSetup setup = setup("azure", "--x509");
    setup.create();
    Path file = setup.folder().resolve("edge-1.crt");
    byte[] der;
    try (InputStream certificate = Files.newInputStream(file)) {
      der = CertificateFactory.getInstance("X.509").generateCertificate(certificate).getEncoded();
    }
    String hash =
        HexFormat.of().withUpperCase().formatHex(MessageDigest.getInstance("SHA-256").digest(der));
    assertThat(make(setup, "az iot hub device-identity"))
        .contains("--auth-method x509_thumbprint --primary-thumbprint " + hash);
    assertThat(CloudSetupTest.loaded(setup).get("AZURE_CONNECTION_STRING")).endsWith(";x509=true");

    assertThat(setup("azure").create().err()).contains("add --x509").hasLineCount(1);
    Files.delete(file);
    assertThat(setup.create().err()).contains("another certificate").hasLineCount(1);
    Files.writeString(inTheCloud("az-device-"), "");
    assertThat(setup.create().err()).contains("SAS tokens").hasLineCount(1);
  }

  @Test
  void googleAccountCanOnlyPublishToTheTopicAndNeedsNoKey() {
    CloudSetup setup = setup("google", "--project", "my-project", "--no-key");
    setup.create();
    assertThat(setup.calls().toString())
        .doesNotContain("projects add-iam-policy-binding", "keys create");
    assertThat(make(setup, "gcloud pubsub topics add-iam-policy-binding"))
        .contains(
            "device-metrics --member serviceAccount:device-metrics@my-project.iam.gserviceaccount.com")
        .contains("--role roles/pubsub.publisher");
    assertThat(
            setup.calls("make").stream()
                .filter(call -> call.contains("gcloud pubsub subscriptions create")))
        .hasSize(2)
        .allMatch(call -> call.contains("--expiration-period never"));
    assertThat(setup.calls("make").stream().filter(call -> call.contains("gcp-sa-pubsub")))
        .hasSize(2)
        .allMatch(call -> call.contains("service-42@") && call.contains("roles/storage."));
    assertThat(CloudSetupTest.loaded(setup)).doesNotContainKey("PUBSUB_SERVICE_ACCOUNT_KEY");
  }

  /** Text files can hold neither attributes nor binary payloads. */
  @Test
  void googleStoresSamplesAsTextAndOtherKindsWithTheirAttributes() {
    CloudSetup setup = setup("google", "--project", "my-project");
    setup.create();
    String samples = "gcloud pubsub subscriptions create device-metrics-to-storage ";
    assertThat(words(setup, make(setup, samples)))
        .contains("attributes.kind = \"metrics\"", "text")
        .doesNotContain("--cloud-storage-write-metadata");
    String others = "gcloud pubsub subscriptions create device-metrics-to-storage-other ";
    assertThat(words(setup, make(setup, others)))
        .contains("NOT attributes.kind = \"metrics\"", "avro", "--cloud-storage-write-metadata");
  }

  /**
   * Without subfolderMatches, it matches every subfolder, so a new kind needs no change of the
   * registry.
   */
  @Test
  void clearbladeSendsEveryKindToTheTopic() throws IOException {
    CloudSetup setup = setup("clearblade", "--topic", "projects/p/topics/t");
    setup.create();
    String registry =
        words(setup, setup.calls("make").get(0)).stream()
            .filter(word -> word.startsWith("{"))
            .findFirst()
            .orElseThrow();
    assertThat(JSON.readTree(registry).get("eventNotificationConfigs"))
        .isEqualTo(JSON.readTree("[{\"pubsubTopicName\":\"projects/p/topics/t\"}]"));
  }

  @Test
  void azureRoutesTakeEveryKind() {
    CloudSetup setup = setup("azure");
    setup.create();
    assertThat(
            setup.calls("make").stream()
                .filter(call -> call.contains("az iot hub message-route create")))
        .hasSize(2)
        .allMatch(call -> call.contains("--condition true "));
  }

  @Test
  void clearbladeGetsTheMatchingPublicKey() throws IOException {
    CloudSetup setup = setup("clearblade");
    setup.create();
    String call = setup.calls("make").get(1);
    JsonNode device =
        JSON.readTree(
            words(setup, call).stream()
                .filter(word -> word.startsWith("{"))
                .findFirst()
                .orElseThrow());
    JsonNode key = device.at("/credentials/0/publicKey");
    assertThat(key.get("format").asText()).isEqualTo("ES256_PEM");
    String fits = setup.shell("openssl pkey -pubout -in " + setup.folder().resolve("edge-1.key"));
    assertThat(key.get("key").asText()).isEqualTo(fits);
  }

  @Test
  void reportsIncompleteClearbladeCredentials() throws IOException {
    CloudSetup setup = setup("clearblade");
    Files.writeString(root.resolve("credentials.json"), "{\"token\": \"x\"}");
    Result result = setup.create();
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("credentials.json has no project").hasLineCount(1);
    assertThat(setup.calls()).isEmpty();
  }

  /** What the clouds respond until a permission has propagated. */
  @Test
  void waitsForPermissionsToPropagate() {
    assertPatient(setup("aws"), "aws iot create-topic-rule:The role cannot be assumed by AWS IoT");
    assertPatient(
        setup("aws", "--provisioning"),
        "aws iot create-provisioning-template:The role cannot be assumed by AWS IoT");
    assertPatient(
        setup("google", "--project", "my-project"),
        "gcloud pubsub subscriptions create:INVALID_ARGUMENT: the service account does not have access");
    assertPatient(
        setup("azure"),
        "az iot hub message-endpoint create storage-container:Unable to access the container: Forbidden");
  }

  private static void assertPatient(CloudSetup setup, String notYet) {
    Result result = setup.with("CLOUD_NOT_YET", notYet).create();
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    Matcher waits = Pattern.compile("retrying in").matcher(result.out());
    assertThat(waits.results().count()).isEqualTo(2);
    setup.shell("rm " + setup.folder().resolveSibling("state") + "/not-yet-*");
  }

  /** {@code aws s3 rb --force} keeps old versions and delete markers, and therefore the bucket. */
  @Test
  void teardownAlsoDeletesOldVersionsOfABucket() {
    CloudSetup setup = setup("aws", "--region", "eu-central-1");
    setup.create();
    assertThat(setup.teardown("--dry-run").out()).contains("DeleteMarkers");
    setup.teardown("--yes");
    assertThat(setup.calls())
        .extracting(CloudSetup.Call::line)
        .anyMatch(line -> line.startsWith("aws s3api list-object-versions"))
        .anyMatch(line -> line.startsWith("aws s3api delete-bucket"));
  }
}
