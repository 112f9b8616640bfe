package routes.pubsub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import routes.settings.SettingException;

/**
 * The JSON file that {@code gcloud iam service-accounts keys create} writes. Errors name the
 * setting, the file and what it should hold; never what it holds.
 */
final class ServiceAccountKey {
  /** What Google's client asks for. */
  private static final String[] FIELDS = {
    "client_email", "client_id", "private_key", "private_key_id"
  };

  private ServiceAccountKey() {}

  /**
   * @param setting the one that names the file, for errors
   * @throws SettingException if it is no service account's key
   */
  static void check(String setting, Path file) {
    JsonNode key = read(setting, file);
    String type = key.path("type").asText();
    if (!type.equals("service_account")) {
      throw wrong(
          setting,
          file,
          type.isEmpty()
              ? "holds no \"type\": it should be a service account's key"
              : "is of another type than service_account: leave this empty and name the file in"
                  + " GOOGLE_APPLICATION_CREDENTIALS");
    }
    for (String field : FIELDS) {
      if (key.path(field).asText().isBlank()) {
        throw wrong(
            setting, file, "holds no \"" + field + "\": it should be a service account's key");
      }
    }
    checkPrivateKey(setting, file, key.path("private_key").asText());
  }

  private static JsonNode read(String setting, Path file) {
    try {
      JsonNode json = new ObjectMapper().readTree(file.toFile());
      if (json.isObject()) {
        return json;
      }
    } catch (IOException e) {
      // falls through to the one message: a parser's own may quote the key
    }
    throw wrong(setting, file, "is no JSON object: it should be a service account's key");
  }

  private static void checkPrivateKey(String setting, Path file, String pem) {
    try {
      String base64 = pem.replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "");
      byte[] der = Base64.getMimeDecoder().decode(base64);
      KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw wrong(setting, file, "holds a damaged \"private_key\": download the key again");
    }
  }

  private static SettingException wrong(String setting, Path file, String problem) {
    return new SettingException(setting, file.toAbsolutePath() + " " + problem);
  }
}
