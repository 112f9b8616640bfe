package routes.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * The files of one connection. A change counts once two looks in a row have found the same content,
 * and once certificate and key match: tools write them one after the other.
 */
final class WatchedFiles {
  private static final Logger LOG = LoggerFactory.getLogger("certificates");
  private static final String NONE = "";

  private final Settings settings;
  private final Renewable owner;
  private Map<String, String> used;
  private Map<String, String> seen;
  private Map<String, String> rejected = Map.of();

  WatchedFiles(Settings settings, Renewable owner) {
    this.settings = settings;
    this.owner = owner;
    this.used = digests();
    this.seen = used;
  }

  /** Compares the content with that of the last look, because mounted files keep odd times. */
  void look() {
    Map<String, String> now = digests();
    boolean settled = now.equals(seen);
    seen = now;
    if (!settled || now.equals(used) || now.equals(rejected)) {
      return;
    }
    List<String> changed =
        now.keySet().stream().filter(key -> !now.get(key).equals(used.get(key))).toList();
    try {
      owner.check();
    } catch (SettingException e) {
      rejected = now;
      LOG.warn("{}; the previous files stay in use", e.getMessage());
      return;
    }
    used = now;
    rejected = Map.of();
    LOG.info("{} changed; renewing the connection", String.join(", ", changed));
    owner.renew();
  }

  private Map<String, String> digests() {
    Map<String, String> digests = new TreeMap<>();
    for (String key : owner.files()) {
      digests.put(key, digest(key));
    }
    return digests;
  }

  private String digest(String key) {
    try {
      Path file = settings.file(key).orElse(null);
      return file == null
          ? NONE
          : HexFormat.of()
              .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (SettingException | IOException e) {
      return NONE; // being replaced
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
