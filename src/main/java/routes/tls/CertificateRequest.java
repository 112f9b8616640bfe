package routes.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A new key on the curve P-256 and a certificate signing request for it (PKCS#10, RFC 2986). The
 * JDK can only sign such requests with internal classes.
 */
public final class CertificateRequest {
  private static final String CURVE = "secp256r1";

  /** The OID of commonName (RFC 5280, A.1). */
  private static final byte[] COMMON_NAME = HexFormat.of().parseHex("0603550403");

  /** AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758, 3.2). */
  private static final byte[] ECDSA_SHA256 = HexFormat.of().parseHex("300a06082a8648ce3d040302");

  /** The attributes [0], none. */
  private static final byte[] NO_ATTRIBUTES = {(byte) 0xA0, 0};

  private static final byte[] NO_UNUSED_BITS = {0};

  private final KeyPair keys;
  private final String pem;

  private CertificateRequest(KeyPair keys, String pem) {
    this.keys = keys;
    this.pem = pem;
  }

  /**
   * Creates a key and its request.
   *
   * @param commonName of the subject, 1 to 64 characters
   */
  public static CertificateRequest create(String commonName) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      KeyPair keys = generator.generateKeyPair();
      byte[] name =
          Der.element(
              Der.SEQUENCE, COMMON_NAME, Der.element(Der.UTF8_STRING, commonName.getBytes(UTF_8)));
      byte[] subject = Der.element(Der.SEQUENCE, Der.element(Der.SET, name));
      byte[] info =
          Der.element(
              Der.SEQUENCE, Der.ZERO, subject, keys.getPublic().getEncoded(), NO_ATTRIBUTES);
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(keys.getPrivate());
      signature.update(info);
      byte[] signed = Der.element(Der.BIT_STRING, NO_UNUSED_BITS, signature.sign());
      return new CertificateRequest(
          keys, pem("CERTIFICATE REQUEST", Der.element(Der.SEQUENCE, info, ECDSA_SHA256, signed)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has ECDSA on " + CURVE, e);
    }
  }

  /** The request in PEM. */
  public String pem() {
    return pem;
  }

  public PublicKey publicKey() {
    return keys.getPublic();
  }

  /** The private key in PEM (PKCS#8). */
  public String privateKeyPem() {
    return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
  }

  private static String pem(String label, byte[] der) {
    String lines = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
  }

  /** Omits the key. */
  @Override
  public String toString() {
    return "CertificateRequest";
  }
}
