package routes.bus;

import io.nats.client.AuthHandler;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.settings.SettingException;

/**
 * A NATS user's credentials file, as written by {@code nsc generate creds}: the user's JWT and its
 * seed. Errors name the setting and the file, and never quote its content.
 */
final class NatsCredentials {
  static final String KEY = "nats.credentials";

  private static final long LARGEST = 64 * 1024;
  private static final Pattern CONTENT =
      Pattern.compile(
          "(?s).*-----BEGIN NATS USER JWT-----\\s+(\\S+\\.\\S+\\.\\S+)\\s+-+END NATS USER JWT-+"
              + ".*-----BEGIN USER NKEY SEED-----\\s+(\\S+)\\s+-+END USER NKEY SEED-+.*");

  private NatsCredentials() {}

  /**
   * @throws SettingException if the file is not a user's credentials file
   */
  static Login read(Path file) {
    byte[] bytes = bytes(file);
    Matcher content = CONTENT.matcher(StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(bytes)));
    if (!content.matches()) {
      throw invalid(file, "is not a credentials file; create one with \"nsc generate creds\"");
    }
    try {
      UserSeed seed = new UserSeed(content.group(2));
      if (!UserSeed.isUsers(content.group(2))) {
        throw invalid(
            file, "contains a seed that is not a user's; create one with \"nsc generate creds\"");
      }
      return new Login(content.group(1), seed);
    } catch (IllegalArgumentException e) {
      throw invalid(
          file, "contains a damaged seed; create the file again with \"nsc generate creds\"");
    }
  }

  /** Signs in with a user's JWT. */
  record Login(String jwt, UserSeed seed) implements AuthHandler {
    /** The claim {@code exp} (RFC 7519, 4.1.4); null if the JWT has none and never expires. */
    Instant expiry() {
      try {
        byte[] claims = Base64.getUrlDecoder().decode(jwt.split("\\.")[1]);
        JsonValue json = JsonParser.parse(new String(claims, StandardCharsets.UTF_8));
        long end = JsonValueUtils.readLong(json, "exp", 0);
        return end <= 0 ? null : Instant.ofEpochSecond(end);
      } catch (JsonParseException | IllegalArgumentException | DateTimeException e) {
        return null; // malformed; the server refuses it
      }
    }

    @Override
    public byte[] sign(byte[] nonce) {
      return seed.sign(nonce);
    }

    @Override
    public char[] getID() {
      return null; // the JWT names the user
    }

    @Override
    public char[] getJWT() {
      return jwt.toCharArray();
    }
  }

  private static byte[] bytes(Path file) {
    try {
      if (Files.size(file) > LARGEST) {
        throw invalid(file, "is larger than 64 KB and not a credentials file");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw invalid(file, "cannot be read");
    }
  }

  private static SettingException invalid(Path file, String problem) {
    return new SettingException(KEY, file.toAbsolutePath() + " " + problem);
  }
}
