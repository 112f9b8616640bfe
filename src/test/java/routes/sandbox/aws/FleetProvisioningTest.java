package routes.sandbox.aws;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;

/** Requests that break and follow the rules of fleet provisioning. */
class FleetProvisioningTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FROM_CSR = "$aws/certificates/create-from-csr/json";
  private static final String CREATE = "$aws/certificates/create/json";
  private static final String PROVISION = "$aws/provisioning-templates/edge/provision/json";

  @TempDir Path folder;
  private final List<String> things = new ArrayList<>();
  private final List<X509Certificate> active = new ArrayList<>();
  private FleetProvisioning fleet;

  @BeforeEach
  void start() {
    fleet =
        new FleetProvisioning(
            new Certificates(folder),
            (certificate, thing) -> {
              active.add(certificate);
              things.add(thing);
            });
    fleet.template("edge", "line-", "Site");
  }

  private FleetProvisioning.Answer ask(String topic, ObjectNode body) {
    return fleet.answer(topic, body.toString().getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  private void rejected(FleetProvisioning.Answer answer, int status, String code) {
    assertThat(answer.topic()).endsWith("/rejected");
    assertThat(answer.body().path("statusCode").asInt()).isEqualTo(status);
    assertThat(answer.body().path("errorCode").asText()).isEqualTo(code);
    assertThat(things).isEmpty();
  }

  private static String csr(KeyPair named, KeyPair signing) throws Exception {
    String algorithm = signing.getPrivate().getAlgorithm().equals("EC") ? "ECDSA" : "RSA";
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(
          new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=x"), named.getPublic())
              .build(
                  new JcaContentSignerBuilder("SHA256with" + algorithm)
                      .build(signing.getPrivate())));
    }
    return text.toString();
  }

  private FleetProvisioning.Answer sign(String csr) {
    return ask(FROM_CSR, JSON.createObjectNode().put("certificateSigningRequest", csr));
  }

  private String token() throws Exception {
    KeyPair keys = Certificates.ec();
    FleetProvisioning.Answer answer = sign(csr(keys, keys));
    assertThat(answer.topic()).isEqualTo(FROM_CSR + "/accepted");
    return answer.body().path("certificateOwnershipToken").asText();
  }

  private static ObjectNode registration(String token, String... parameters) {
    ObjectNode body = JSON.createObjectNode().put("certificateOwnershipToken", token);
    ObjectNode all = body.putObject("parameters");
    for (int i = 0; i < parameters.length; i += 2) {
      all.put(parameters[i], parameters[i + 1]);
    }
    return body;
  }

  @Test
  void aTokenActivatesItsCertificateOnce() throws Exception {
    ObjectNode registration = registration(token(), "SerialNumber", "7", "Site", "berlin");
    FleetProvisioning.Answer answer = ask(PROVISION, registration);
    assertThat(answer.topic()).isEqualTo(PROVISION + "/accepted");
    assertThat(answer.body().path("thingName").asText()).isEqualTo("line-7");
    assertThat(things).containsExactly("line-7");
    things.clear();
    rejected(ask(PROVISION, registration), 400, "InvalidCertificateOwnershipToken");
    assertThat(active).hasSize(1);
  }

  @Test
  void aTokenExpires() throws Exception {
    fleet.tokenLife = Duration.ofMillis(-1);
    ObjectNode registration = registration(token(), "SerialNumber", "7", "Site", "berlin");
    rejected(ask(PROVISION, registration), 400, "InvalidCertificateOwnershipToken");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "unknown"})
  void rejectsAnotherToken(String token) {
    ObjectNode registration = registration(token, "SerialNumber", "7", "Site", "berlin");
    rejected(ask(PROVISION, registration), 400, "InvalidCertificateOwnershipToken");
  }

  @Test
  void rejectsAMissingParameterAnUnknownTemplateAndARefusalOfTheHook() throws Exception {
    String token = token();
    rejected(ask(PROVISION, registration(token, "Site", "x")), 400, "InvalidParameters");
    rejected(ask(PROVISION, registration(token, "SerialNumber", "7")), 400, "InvalidParameters");
    ObjectNode whole = registration(token, "SerialNumber", "7", "Site", "x");
    rejected(ask(PROVISION.replace("edge", "x"), whole), 404, "ResourceNotFound");
    fleet.hook = parameters -> false;
    rejected(ask(PROVISION, whole), 403, "AccessDenied");
  }

  @Test
  void rejectsARequestThatIsNotSignedWithItsKey() throws Exception {
    rejected(sign(csr(Certificates.ec(), Certificates.ec())), 400, "InvalidCSR");
    rejected(sign("nonsense"), 400, "InvalidCSR");
    rejected(ask(FROM_CSR, JSON.createObjectNode()), 400, "InvalidCSR");
  }

  @Test
  void rejectsAWeakKey() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    KeyPair weak = generator.generateKeyPair();
    rejected(sign(csr(weak, weak)), 400, "InvalidCSR");
  }

  @Test
  void createsAKeyForAnEmptyRequest() {
    FleetProvisioning.Answer answer = fleet.answer(CREATE, new byte[0]).orElseThrow();
    assertThat(answer.body().path("privateKey").asText()).startsWith("-----BEGIN RSA PRIVATE KEY");
    rejected(ask(CREATE, JSON.createObjectNode()), 400, "InvalidPayload");
  }

  @Test
  void throttles() throws Exception {
    fleet.throttled.set(1);
    rejected(fleet.answer(CREATE, new byte[0]).orElseThrow(), 429, "Throttled");
    assertThat(token()).isNotEmpty();
  }
}
