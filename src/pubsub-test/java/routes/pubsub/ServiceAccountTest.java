package routes.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.Certificates;
import routes.sandbox.SandboxPubsub;
import routes.sandbox.SandboxTokens;
import routes.uplink.GatewaySettings;
import routes.uplink.TestSettings;

/** The stock endpoint over TLS, with an access token obtained with a service account's key. */
@Timeout(60)
class ServiceAccountTest {
  private static final String EMAIL = "edge@my-project.iam.gserviceaccount.com";

  @TempDir Path folder;

  private final KeyPair account = Certificates.rsa();
  private final SandboxTokens tokens = new SandboxTokens(EMAIL, account.getPublic());
  private final DefaultCamelContext context = new DefaultCamelContext();
  private Certificates certificates;
  private SandboxPubsub cloud;

  @BeforeEach
  void start() throws Exception {
    certificates = new Certificates(folder);
    Certificates.Identity server = certificates.server("localhost", Certificates.ec());
    cloud = new SandboxPubsub(folder).addTopic("projects/my-project/topics/metrics");
    cloud.authorization = tokens::accepts;
    cloud.startTls(
        0,
        certificates.write(server.certificate()),
        certificates.writePkcs8(server.keys().getPrivate()));
  }

  @AfterEach
  void stop() {
    System.clearProperty("javax.net.ssl.trustStore");
    System.clearProperty("javax.net.ssl.trustStorePassword");
    context.stop();
    cloud.close();
    tokens.close();
  }

  /** The client trusts the JDK's list of CAs. */
  private void trustTheSandbox() throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", certificates.ca().certificate());
    Path file = folder.resolve("trusted.p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      trusted.store(out, "changeit".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", file.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
  }

  private Path keyFile(KeyPair keys) throws Exception {
    Map<String, String> key =
        Map.of(
            "type",
            "service_account",
            "client_email",
            EMAIL,
            "client_id",
            "1",
            "private_key_id",
            "2",
            "private_key",
            Files.readString(certificates.writePkcs8(keys.getPrivate())),
            "token_uri",
            tokens.uri());
    return Files.writeString(
        folder.resolve("key.json"), new ObjectMapper().writeValueAsString(key));
  }

  private GatewaySettings settings;

  private Exchange publish(Path key) {
    settings =
        TestSettings.of(
            "pubsub",
            Map.of("pubsub.project", "my-project", "pubsub.topic", "metrics"),
            "pubsub.service-account-key",
            key.toString());
    PubsubGateway gateway = (PubsubGateway) PubsubKind.open(settings);
    context.getRegistry().bind("publish-retry", new PubsubConfiguration().publishRetry());
    context.start();
    return context
        .createProducerTemplate()
        .send(
            "google-pubsub:my-project:metrics?retry=#publish-retry&pubsubEndpoint=localhost:"
                + cloud.port()
                + "&serviceAccountKey="
                + gateway.serviceAccountKey(),
            exchange -> exchange.getMessage().setBody("{}"));
  }

  @Test
  void publishesWithAnAccessToken() throws Exception {
    trustTheSandbox();
    assertThat(publish(keyFile(account)).getException()).isNull();
    await().atMost(Duration.ofSeconds(5)).until(() -> cloud.messages().size() == 1);
  }

  @Test
  void reportsARevokedKey() throws Exception {
    trustTheSandbox();
    Exchange sent = publish(keyFile(Certificates.rsa()));
    PublishFailure failure = PublishFailure.of(sent.getException(), settings);
    assertThat(failure.kind()).isEqualTo(PublishFailure.Kind.DENIED);
    assertThat(failure.getMessage())
        .startsWith("pubsub.service-account-key: not accepted: ")
        .contains("Invalid JWT Signature.")
        .doesNotContain("PRIVATE KEY");
  }

  @Test
  void reportsAnUntrustedServer() throws Exception {
    Exchange sent = publish(keyFile(account));
    PublishFailure failure = PublishFailure.of(sent.getException(), settings);
    assertThat(failure.kind()).isEqualTo(PublishFailure.Kind.UNREACHABLE);
    assertThat(failure.getMessage())
        .startsWith("unreachable: ")
        .contains("unable to find valid certification path");
    assertThat(cloud.messages()).isEmpty();
  }
}
