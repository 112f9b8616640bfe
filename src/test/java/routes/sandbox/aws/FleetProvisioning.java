package routes.sandbox.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import routes.Certificates;
import routes.sandbox.azure.SandboxAzure;

/**
 * Fleet provisioning of a stand-in account, with JSON payloads
 * (docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html). The documentation does
 * not list the error codes: InvalidCertificateOwnershipToken was seen in an SDK's issue, the others
 * are guesses.
 */
public final class FleetProvisioning {
  /** What a device does in turn. */
  public enum Step {
    CONNECT,
    SUBSCRIBE,
    CREATE,
    PROVISION
  }

  private static final Pattern TOPIC =
      Pattern.compile(
          "\\$aws/(?:certificates/(create|create-from-csr)|provisioning-templates/([^/]+)/provision)"
              + "/json");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TOKEN_LIFE = Duration.ofHours(1);
  private static final int LEAST_RSA = 2048;
  private static final Set<Integer> CURVES = Set.of(256, 384, 521);

  private record Template(String prefix, List<String> parameters) {}

  private record Pending(X509Certificate certificate, Instant end) {}

  /**
   * The answer to a request.
   *
   * @param topic that of the request with /accepted or /rejected
   */
  record Answer(String topic, ObjectNode body) {
    boolean accepted() {
      return topic.endsWith("/accepted");
    }
  }

  private final Certificates certificates;
  private final BiConsumer<X509Certificate, String> activate;
  private final Map<String, Template> templates = new ConcurrentHashMap<>();
  private final Map<String, Pending> tokens = new ConcurrentHashMap<>();

  /** How long an ownership token is valid. */
  public volatile Duration tokenLife = TOKEN_LIFE;

  /** How many of the next requests are throttled. */
  public final AtomicInteger throttled = new AtomicInteger();

  /** Whether the pre-provisioning hook allows a device, by its parameters. */
  public volatile Predicate<Map<String, String>> hook = parameters -> true;

  /** Whether a step gets no answer; called when a device has reached it. */
  public volatile Predicate<Step> holds = step -> false;

  /** Certificates that a template has activated. */
  public final AtomicInteger activated = new AtomicInteger();

  /** Certificates created so far. */
  public final AtomicInteger created = new AtomicInteger();

  /**
   * @param activate takes an activated certificate and its thing's name
   */
  FleetProvisioning(Certificates certificates, BiConsumer<X509Certificate, String> activate) {
    this.certificates = certificates;
    this.activate = activate;
  }

  /**
   * Adds a template that names a thing after the parameter SerialNumber.
   *
   * @param parameters that have no default, besides SerialNumber
   */
  public void template(String name, String thingPrefix, String... parameters) {
    templates.put(name, new Template(thingPrefix, List.of(parameters)));
  }

  static boolean isRequest(String topic) {
    return TOPIC.matcher(topic).matches();
  }

  /** Answers a request; empty if it is none, or if its step is held. */
  Optional<Answer> answer(String topic, byte[] payload) {
    Matcher request = TOPIC.matcher(topic);
    if (!request.matches() || holds.test(request.group(1) == null ? Step.PROVISION : Step.CREATE)) {
      return Optional.empty();
    }
    if (throttled.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      return Optional.of(rejected(topic, 429, "Throttled", "Rate exceeded."));
    }
    if (request.group(1) == null) {
      return Optional.of(provision(topic, request.group(2), json(payload)));
    }
    return Optional.of(
        request.group(1).equals("create") ? create(topic, payload) : sign(topic, json(payload)));
  }

  private static JsonNode json(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (IOException e) {
      return JSON.missingNode();
    }
  }

  private static Answer rejected(String topic, int status, String code, String message) {
    ObjectNode body = JSON.createObjectNode().put("statusCode", status);
    return new Answer(
        topic + "/rejected", body.put("errorCode", code).put("errorMessage", message));
  }

  private Answer create(String topic, byte[] payload) {
    if (payload.length > 0) {
      return rejected(topic, 400, "InvalidPayload", "The payload must be empty.");
    }
    KeyPair keys = Certificates.rsa();
    Answer answer = issue(topic, certificates.client("AWS IoT Certificate", keys).certificate());
    answer.body().put("privateKey", read(certificates.writeTraditional(keys.getPrivate())));
    return answer;
  }

  private Answer sign(String topic, JsonNode body) {
    try {
      PublicKey key = verified(body.path("certificateSigningRequest").asText());
      // The private key is the device's.
      KeyPair keys = new KeyPair(key, null);
      return issue(topic, certificates.client("AWS IoT Certificate", keys).certificate());
    } catch (IOException
        | GeneralSecurityException
        | OperatorCreationException
        | PKCSException
        | IllegalArgumentException e) {
      return rejected(topic, 400, "InvalidCSR", "Invalid CSR: " + e.getMessage());
    }
  }

  private static PublicKey verified(String pem)
      throws IOException, GeneralSecurityException, OperatorCreationException, PKCSException {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      if (!(parser.readObject() instanceof PKCS10CertificationRequest found)) {
        throw new IllegalArgumentException("not a request in PEM");
      }
      PublicKey key = new JcaPKCS10CertificationRequest(found).getPublicKey();
      if (!found.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new IllegalArgumentException("the signature is wrong");
      }
      boolean strong =
          key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= LEAST_RSA
              || key instanceof ECPublicKey ec
                  && CURVES.contains(ec.getParams().getCurve().getField().getFieldSize());
      if (!strong) {
        throw new IllegalArgumentException("the key must be RSA of 2048 bits or NIST P-256 to 521");
      }
      return key;
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Answer issue(String topic, X509Certificate certificate) {
    String token = UUID.randomUUID().toString();
    tokens.put(token, new Pending(certificate, Instant.now().plus(tokenLife)));
    created.incrementAndGet();
    ObjectNode body = JSON.createObjectNode().put("certificateOwnershipToken", token);
    // AWS's id of a certificate is its SHA-256.
    body.put(
        "certificateId", SandboxAzure.thumbprint(certificate, "SHA-256").toLowerCase(Locale.ROOT));
    body.put("certificatePem", read(certificates.write(certificate)));
    return new Answer(topic + "/accepted", body);
  }

  private Answer provision(String topic, String name, JsonNode body) {
    String token = body.path("certificateOwnershipToken").asText();
    if (token.isEmpty()) {
      return rejected(
          topic,
          400,
          "InvalidCertificateOwnershipToken",
          "Certificate ownership token cannot be empty.");
    }
    Template template = templates.get(name);
    if (template == null) {
      return rejected(topic, 404, "ResourceNotFound", "Template " + name + " not found.");
    }
    Map<String, String> parameters = new ConcurrentHashMap<>();
    body.path("parameters")
        .properties()
        .forEach(entry -> parameters.put(entry.getKey(), entry.getValue().asText()));
    for (String needed : template.parameters()) {
      if (!parameters.containsKey(needed)) {
        return rejected(topic, 400, "InvalidParameters", "Parameter " + needed + " has no value.");
      }
    }
    String serial = parameters.get("SerialNumber");
    if (serial == null) {
      return rejected(topic, 400, "InvalidParameters", "Parameter SerialNumber has no value.");
    }
    if (!hook.test(parameters)) {
      return rejected(topic, 403, "AccessDenied", "The provisioning hook denied the request.");
    }
    Pending pending = tokens.remove(token);
    if (pending == null || pending.end().isBefore(Instant.now())) {
      return rejected(
          topic,
          400,
          "InvalidCertificateOwnershipToken",
          "Certificate ownership token is not valid.");
    }
    activated.incrementAndGet();
    activate.accept(pending.certificate(), template.prefix() + serial);
    ObjectNode thing = JSON.createObjectNode().put("thingName", template.prefix() + serial);
    thing.putObject("deviceConfiguration");
    return new Answer(topic + "/accepted", thing);
  }
}
