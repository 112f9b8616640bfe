package routes.google;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;

/**
 * The JSON Web Tokens (RFC 7519) with which a device logs in, according to ClearBlade's manual
 * ("Using JSON web tokens"): claims {@code iat} and {@code exp} in seconds since 1970, {@code aud}
 * with the project's id as one string.
 */
final class Jwt {
  /** RFC 7515, 2: without padding, which ClearBlade refuses and Google accepted. */
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  private final String audience;
  private final Duration lifetime;
  private final Clock clock;

  /**
   * @param audience the project's id, without characters that JSON escapes
   * @param lifetime at most 24 h
   */
  Jwt(String audience, Duration lifetime, Clock clock) {
    this.audience = audience;
    this.lifetime = lifetime;
    this.clock = clock;
  }

  /** Creates a token that is valid from now on. */
  String token(SigningKey key) {
    long now = clock.instant().getEpochSecond();
    return compact(
        key,
        "{\"alg\":\"" + key.algorithm() + "\",\"typ\":\"JWT\"}",
        "{\"iat\":"
            + now
            + ",\"exp\":"
            + (now + lifetime.toSeconds())
            + ",\"aud\":\""
            + audience
            + "\"}");
  }

  /** Header, payload and signature in compact serialization (RFC 7515, 7.1). */
  static String compact(SigningKey key, String header, String payload) {
    String signed =
        encode(header.getBytes(StandardCharsets.UTF_8))
            + "."
            + encode(payload.getBytes(StandardCharsets.UTF_8));
    byte[] signature = key.algorithm().sign(key.key(), signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + encode(signature);
  }

  private static String encode(byte[] bytes) {
    return BASE64URL.encodeToString(bytes);
  }
}
