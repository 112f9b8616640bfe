package routes.aws;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import routes.uplink.GatewaySettings;
import routes.uplink.Identity;
import routes.uplink.IdentityFile;

/** The thing, certificate and key that fleet provisioning created for this device. */
final class AwsThing {
  private static final String THING = "thing";
  private static final String CERTIFICATE_ID = "certificate-id";
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";

  private AwsThing() {}

  /** The identity to store; certificate and key are in one file, because only one is atomic. */
  static Identity identity(
      AwsClaim claim, String thing, String certificateId, String certificate, String key) {
    Map<String, String> fields = new LinkedHashMap<>(claim.fields());
    fields.put(THING, thing);
    fields.put(CERTIFICATE_ID, certificateId);
    return new Identity(
        fields, (certificate.strip() + "\n" + key.strip() + "\n").replace("\r\n", "\n"));
  }

  static String name(Identity identity) {
    return identity.find(THING).orElse("");
  }

  static String describe(Identity identity) {
    return "thing " + name(identity) + ", certificate " + identity.find(CERTIFICATE_ID).orElse("?");
  }

  /** The stored identity of this claim; empty if there is none, or if it cannot be used. */
  static Optional<Identity> stored(GatewaySettings settings, AwsClaim claim) {
    return IdentityFile.of(settings)
        .read()
        .filter(identity -> identity.matches(claim.fields()))
        .filter(identity -> problem(identity).isEmpty());
  }

  /** Why AWS will not accept it; empty if it should. */
  static Optional<String> problem(Identity identity) {
    Optional<X509Certificate> certificate = certificate(identity.pem());
    if (name(identity).isEmpty()
        || certificate.isEmpty()
        || !identity.pem().contains("PRIVATE KEY-----\n")) {
      return Optional.of("the stored identity is incomplete");
    }
    Instant end = certificate.get().getNotAfter().toInstant();
    return end.isBefore(Instant.now())
        ? Optional.of("the stored certificate expired on " + end)
        : Optional.empty();
  }

  /** The first certificate in PEM; empty if there is none. */
  static Optional<X509Certificate> certificate(String pem) {
    int begin = pem.indexOf(BEGIN);
    if (begin < 0) {
      return Optional.empty();
    }
    try {
      byte[] text = pem.substring(begin).getBytes(StandardCharsets.ISO_8859_1);
      return Optional.of(
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(text)));
    } catch (CertificateException e) {
      return Optional.empty();
    }
  }
}
