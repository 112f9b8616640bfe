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
 * setting, the file and its expected content, never its actual content.
 */
final class ServiceAccountKey {
  /** The fields that Google's client requires. */
  private static final String[] FIELDS = {
    "client_email", "client_id", "private_key", "private_key_id"
  };

  private ServiceAccountKey() {}

  /**
   * @param setting the setting that names the file, for errors
   * @throws SettingException if it is not a service account key
   */
  static void check(String setting, Path file) {
    JsonNode key = read(setting, file);
    String type = key.path("type").asText();
    if (!type.equals("service_account")) {
      throw wrong(
          setting,
          file,
          type.isEmpty()
              ? "contains no \"type\"; use a service account key"
              : "is not of type service_account; remove this setting and set"
                  + " GOOGLE_APPLICATION_CREDENTIALS to the file");
    }
    for (String field : FIELDS) {
      if (key.path(field).asText().isBlank()) {
        throw wrong(setting, file, "contains no \"" + field + "\"; use a service account key");
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
      // falls through to our own message: a parser's may quote the key
    }
    throw wrong(setting, file, "is not a JSON object; use a service account key");
  }

  private static void checkPrivateKey(String setting, Path file, String pem) {
    try {
      String base64 = pem.replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "");
      byte[] der = Base64.getMimeDecoder().decode(base64);
      KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw wrong(setting, file, "contains a damaged \"private_key\"; download the key again");
    }
  }

  private static SettingException wrong(String setting, Path file, String problem) {
    return new SettingException(setting, file.toAbsolutePath() + " " + problem);
  }
}
