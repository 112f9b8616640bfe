package routes.google;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;

/** The token signatures that the IoT Core protocol accepts (RFC 7518, 3.1). */
enum JwsAlgorithm {
  RS256("RSA", "SHA256withRSA"),
  // R and S concatenated, as RFC 7518, 3.4 requires, instead of DER.
  ES256("EC", "SHA256withECDSAinP1363Format");

  final String keyAlgorithm;
  private final String signature;

  JwsAlgorithm(String keyAlgorithm, String signature) {
    this.keyAlgorithm = keyAlgorithm;
    this.signature = signature;
  }

  byte[] sign(PrivateKey key, byte[] text) {
    try {
      Signature signing = Signature.getInstance(signature);
      signing.initSign(key);
      signing.update(text);
      return signing.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK cannot sign with " + this, e);
    }
  }
}
