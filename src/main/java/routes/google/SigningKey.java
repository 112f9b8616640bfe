package routes.google;

import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import routes.tls.PemFile;
import routes.uplink.GatewaySettings;

/** The device's key and its signature algorithm. */
record SigningKey(PrivateKey key, JwsAlgorithm algorithm) {
  /** The setting that names the key's file. */
  static final String KEY = "private-key";

  private static final String ALGORITHM = "algorithm";
  private static final int LEAST_RSA_BITS = 2048;

  /**
   * Reads the settings {@code private-key} and {@code algorithm}.
   *
   * @throws routes.settings.SettingException for a key that the registry would refuse, or an
   *     algorithm that does not match the key
   */
  static SigningKey read(GatewaySettings settings) {
    Path path =
        settings
            .file(KEY)
            .orElseThrow(
                () ->
                    settings.wrong(
                        KEY, "is not set; set it to the PEM file with this device's private key"));
    PemFile file = new PemFile(settings.key(KEY), path);
    PrivateKey key = file.privateKey();
    JwsAlgorithm fitting = fitting(key, file);
    String wanted = settings.find(ALGORITHM).orElse(fitting.name());
    if (!wanted.equals(fitting.name())) {
      throw settings.wrong(
          ALGORITHM,
          "\""
              + wanted
              + "\" does not match the "
              + fitting.keyAlgorithm
              + " key of "
              + settings.key(KEY)
              + "; use "
              + fitting
              + " or leave it empty");
    }
    return new SigningKey(key, fitting);
  }

  private static JwsAlgorithm fitting(PrivateKey key, PemFile file) {
    if (key instanceof RSAPrivateKey rsa) {
      int bits = rsa.getModulus().bitLength();
      if (bits < LEAST_RSA_BITS) {
        throw file.wrong(
            "contains an RSA key of "
                + bits
                + " bits; use at least "
                + LEAST_RSA_BITS
                + " (openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048)");
      }
      return JwsAlgorithm.RS256;
    }
    if (key instanceof ECPrivateKey ec) {
      if (!ec.getParams().getCurve().equals(p256().getCurve())) {
        throw file.wrong(
            "contains an EC key on another curve; use P-256"
                + " (openssl ecparam -genkey -name prime256v1 -noout)");
      }
      return JwsAlgorithm.ES256;
    }
    throw file.wrong("contains a key of type " + key.getAlgorithm() + "; use RSA or EC on P-256");
  }

  private static ECParameterSpec p256() {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec("secp256r1"));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  /** Omits the key. */
  @Override
  public String toString() {
    return "SigningKey[" + algorithm + "]";
  }
}
