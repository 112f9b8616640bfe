package routes.azure;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A shared access signature: a password of limited lifetime
 * (learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas).
 *
 * @param text {@code SharedAccessSignature sr=...&sig=...&se=...}
 * @param resource what it grants access to, including everything below
 * @param expiry whole seconds
 */
record SasToken(String text, String resource, Instant expiry) {
  private static final String PREFIX = "SharedAccessSignature ";
  private static final String ALGORITHM = "HmacSHA256";

  /** Signs {@code sr\nse}, both as they are sent. */
  static SasToken sign(String resource, byte[] key, Instant expiry) {
    String sr = Percent.encode(resource);
    long se = expiry.getEpochSecond();
    String sig = Percent.encode(Base64.getEncoder().encodeToString(hmac(key, sr + "\n" + se)));
    return new SasToken(
        PREFIX + "sr=" + sr + "&sig=" + sig + "&se=" + se, resource, Instant.ofEpochSecond(se));
  }

  /** The same token with the name of the policy that the key belongs to. */
  SasToken withPolicy(String name) {
    return new SasToken(text + "&skn=" + name, resource, expiry);
  }

  /** HMAC-SHA256 of a text in UTF-8. */
  static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  /**
   * Parses a token that was created elsewhere; does not check its signature.
   *
   * @throws IllegalArgumentException for anything else
   */
  static SasToken given(String text) {
    Map<String, String> fields = new HashMap<>();
    if (text.startsWith(PREFIX)) {
      for (String field : text.substring(PREFIX.length()).split("&")) {
        String[] pair = field.split("=", 2);
        fields.put(pair[0], pair.length == 2 ? pair[1] : "");
      }
    }
    if (!fields.keySet().containsAll(Set.of("sr", "sig", "se"))) {
      throw malformed();
    }
    try {
      return new SasToken(
          text,
          Percent.decode(fields.get("sr")),
          Instant.ofEpochSecond(Long.parseLong(fields.get("se"))));
    } catch (RuntimeException e) { // an invalid number or percent-encoding
      throw malformed();
    }
  }

  private static RuntimeException malformed() {
    return ConnectionString.wrong(
        "has a SharedAccessSignature that is not SharedAccessSignature sr=...&sig=...&se=...");
  }

  /**
   * Checks that the token covers a resource; like the hub, compares whole path segments.
   *
   * @throws IllegalArgumentException if it covers something else
   */
  void checkCovers(String wanted) {
    if (!(wanted + "/").startsWith(resource + "/")) {
      throw ConnectionString.wrong("has a SharedAccessSignature of another device");
    }
  }

  /** Omits the signature. */
  @Override
  public String toString() {
    return "SasToken[" + resource + " until " + expiry + "]";
  }
}
