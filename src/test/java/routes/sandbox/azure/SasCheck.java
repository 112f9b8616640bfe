package routes.sandbox.azure;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A SAS token as Azure IoT Hub checks it (learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas).
 *
 * @param sr as sent, percent-encoded or not, because this is the signed form
 * @param skn the name of the key's policy; empty for none
 */
record SasCheck(String sr, String sig, String se, String skn) {
  private static final String PREFIX = "SharedAccessSignature ";

  /** Returns null if the password is not a token. */
  static SasCheck of(String password) {
    if (!password.startsWith(PREFIX)) {
      return null;
    }
    Map<String, String> fields = new HashMap<>();
    for (String field : password.substring(PREFIX.length()).split("&")) {
      String[] pair = field.split("=", 2);
      fields.put(pair[0], pair.length < 2 ? "" : pair[1]);
    }
    String se = fields.getOrDefault("se", "");
    return fields.containsKey("sr") && fields.containsKey("sig") && se.matches("\\d{1,11}")
        ? new SasCheck(fields.get("sr"), fields.get("sig"), se, fields.getOrDefault("skn", ""))
        : null;
  }

  Instant expiry() {
    return Instant.ofEpochSecond(Long.parseLong(se));
  }

  /** Why the Device Provisioning Service refuses it; empty if it does not. */
  Optional<String> refusalByDps(String resource, byte[] key, Instant now) {
    if (!decode(sr).equals(resource)) {
      return Optional.of("the token is for " + decode(sr) + ", not for " + resource);
    }
    return skn.equals("registration")
        ? refusal(resource, key, now)
        : Optional.of("the token's skn is \"" + skn + "\", not registration");
  }

  /** Why the hub refuses it; empty if it does not. */
  Optional<String> refusal(String resource, byte[] key, Instant now) {
    if (!(resource + "/").startsWith(decode(sr) + "/")) {
      return Optional.of("the token is for " + decode(sr) + ", not for " + resource);
    }
    if (!MessageDigest.isEqual(signature(key), decode(sig).getBytes(StandardCharsets.UTF_8))) {
      return Optional.of("the token's signature is wrong");
    }
    return expiry().isAfter(now)
        ? Optional.empty()
        : Optional.of("the token expired at " + expiry());
  }

  private byte[] signature(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return Base64.getEncoder()
          .encode(mac.doFinal((sr + "\n" + se).getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
