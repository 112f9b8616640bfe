package routes.sandbox.google;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Checks a device's JSON Web Token as ClearBlade IoT Core does ("Using JSON web tokens"): strict
 * base64url without padding (RFC 7515, 2), a signature by a registered key with the algorithm of
 * that key, the project as audience, a lifetime of at most 24 h.
 */
public final class JwtCheck {
  /** The error in a token. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    final boolean malformed;

    Refused(boolean malformed, String why) {
      super(why);
      this.malformed = malformed;
    }
  }

  private static final Duration LONGEST_LIFE = Duration.ofHours(24);
  private static final int P_256_BYTES = 32;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String project;

  JwtCheck(String project) {
    this.project = project;
  }

  /**
   * @param registered the device's public keys
   * @param skew the permitted error of its clock
   * @return when the token expires
   */
  Instant end(String token, List<PublicKey> registered, Duration skew) throws Refused {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      throw new Refused(true, "no token of three parts");
    }
    String algorithm = json(parts[0]).path("alg").asText();
    JsonNode claims = json(parts[1]);
    decode(parts[2]);
    if (registered.stream().noneMatch(key -> verifies(token, algorithm, key))) {
      throw new Refused(false, "signed by no registered key with " + algorithm);
    }
    if (!claims.path("aud").isTextual() || !claims.path("aud").asText().equals(project)) {
      throw new Refused(false, "aud is not the project's id");
    }
    if (!claims.path("iat").isIntegralNumber() || !claims.path("exp").isIntegralNumber()) {
      throw new Refused(false, "iat or exp is missing");
    }
    Instant begin = Instant.ofEpochSecond(claims.path("iat").asLong());
    Instant end = Instant.ofEpochSecond(claims.path("exp").asLong());
    if (Duration.between(begin, end).compareTo(LONGEST_LIFE) > 0) {
      throw new Refused(false, "lives longer than 24 h");
    }
    Instant now = Instant.now();
    if (begin.minus(skew).isAfter(now)) {
      throw new Refused(false, "begins in the future");
    }
    if (!end.plus(skew).isAfter(now)) {
      throw new Refused(false, "has expired");
    }
    return end;
  }

  private static JsonNode json(String part) throws Refused {
    try {
      JsonNode node = JSON.readTree(decode(part));
      if (node.isObject()) {
        return node;
      }
    } catch (IOException e) {
      // falls through to the one message
    }
    throw new Refused(true, "a part is not a JSON object");
  }

  private static byte[] decode(String part) throws Refused {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(part);
      // Java accepts padding and unused bits at the end.
      if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // falls through to the one message
    }
    throw new Refused(true, "a part is not strict base64url");
  }

  /** Whether RS256 or ES256 (RFC 7518, 3.3 and 3.4) holds for a token in compact serialization. */
  public static boolean verifies(String token, String algorithm, PublicKey key) {
    int dot = token.lastIndexOf('.');
    byte[] signature = Base64.getUrlDecoder().decode(token.substring(dot + 1));
    boolean rsa = algorithm.equals("RS256") && key.getAlgorithm().equals("RSA");
    boolean ec = algorithm.equals("ES256") && key.getAlgorithm().equals("EC");
    if (!rsa && !(ec && signature.length == 2 * P_256_BYTES)) {
      return false;
    }
    try {
      Signature check = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSA");
      check.initVerify(key);
      check.update(token.substring(0, dot).getBytes(StandardCharsets.US_ASCII));
      return check.verify(rsa ? signature : der(signature));
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** R and S, 32 bytes each, as the sequence of two integers that X.509 has (RFC 3279, 2.2.3). */
  private static byte[] der(byte[] raw) {
    ByteArrayOutputStream integers = new ByteArrayOutputStream();
    for (int half = 0; half < 2; half++) {
      int from = half * P_256_BYTES;
      byte[] number =
          new BigInteger(1, Arrays.copyOfRange(raw, from, from + P_256_BYTES)).toByteArray();
      integers.write(2);
      integers.write(number.length);
      integers.writeBytes(number);
    }
    ByteArrayOutputStream sequence = new ByteArrayOutputStream();
    sequence.write(0x30);
    sequence.write(integers.size());
    sequence.writeBytes(integers.toByteArray());
    return sequence.toByteArray();
  }
}
