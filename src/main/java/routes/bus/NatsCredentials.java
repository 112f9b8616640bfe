package routes.bus;

import io.nats.client.AuthHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.settings.SettingException;

/**
 * A NATS user's credentials file, as {@code nsc generate creds} writes it: the user's JWT and its
 * seed. Errors name the setting, the file and what it should hold; never what it holds.
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
   * @throws SettingException if it is no such file
   */
  static AuthHandler read(Path file) {
    byte[] bytes = bytes(file);
    Matcher content = CONTENT.matcher(StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(bytes)));
    if (!content.matches()) {
      throw wrong(file, "is no credentials file: it should be as \"nsc generate creds\" writes it");
    }
    try {
      UserSeed seed = new UserSeed(content.group(2));
      if (!UserSeed.isUsers(content.group(2))) {
        throw wrong(
            file, "holds the seed of no user: it should be as \"nsc generate creds\" writes it");
      }
      return new Login(content.group(1), seed);
    } catch (IllegalArgumentException e) {
      throw wrong(file, "holds a damaged seed: make it anew with \"nsc generate creds\"");
    }
  }

  private record Login(String jwt, UserSeed seed) implements AuthHandler {
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
        throw wrong(file, "is larger than 64 KB: it should be a credentials file");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw wrong(file, "can't be read");
    }
  }

  private static SettingException wrong(Path file, String problem) {
    return new SettingException(KEY, file.toAbsolutePath() + " " + problem);
  }
}
