package routes.web;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A salted password hash: {@code $pbkdf2-sha256$ITERATIONS$SALT$HASH}, with salt and hash in
 * base64.
 *
 * @param iterations 10,000 to 1,000,000, so that a line of a file cannot block the processor
 */
record PasswordHash(int iterations, byte[] salt, byte[] hash) {
  /** About half a second on a small device. A verified password is remembered. */
  static final int ITERATIONS = 200_000;

  private static final int FEWEST = 10_000;
  private static final int MOST = 1_000_000;
  private static final int BITS = 256;
  private static final Pattern TEXT =
      Pattern.compile(
          "\\$pbkdf2-sha256\\$(\\d{1,7})\\$([A-Za-z0-9+/]{22,86}={0,2})\\$([A-Za-z0-9+/]{43}=)");

  static PasswordHash of(String password) {
    byte[] salt = new byte[16];
    new SecureRandom().nextBytes(salt);
    return new PasswordHash(ITERATIONS, salt, derive(password, salt, ITERATIONS));
  }

  /** Empty if the text is not such a hash. */
  static Optional<PasswordHash> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    int iterations = Integer.parseInt(parts.group(1));
    if (iterations < FEWEST || iterations > MOST) {
      return Optional.empty();
    }
    try {
      Base64.Decoder base64 = Base64.getDecoder();
      return Optional.of(
          new PasswordHash(
              iterations, base64.decode(parts.group(2)), base64.decode(parts.group(3))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Takes as long for a wrong password as for the right one. */
  boolean matches(String password) {
    return MessageDigest.isEqual(hash, derive(password, salt, iterations));
  }

  private static byte[] derive(String password, byte[] salt, int iterations) {
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
          .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, BITS))
          .getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    Base64.Encoder base64 = Base64.getEncoder();
    return "$pbkdf2-sha256$%d$%s$%s"
        .formatted(iterations, base64.encodeToString(salt), base64.encodeToString(hash));
  }
}
