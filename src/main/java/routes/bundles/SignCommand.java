package routes.bundles;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import routes.settings.SettingException;
import routes.tls.PemFile;
import routes.uplink.Json;

/**
 * The command {@code sign}: creates a key, or packs a folder into a bundle, signs it and prints the
 * desired property that offers it.
 */
public final class SignCommand {
  private static final String USAGE =
      "usage: sign new-key FILE | sign FOLDER --key FILE --version N --url URL [--to ZIP]";

  private SignCommand() {}

  /**
   * @return the exit code: 0, 1 for an error, 2 for invalid arguments
   */
  public static int run(List<String> words, PrintStream out, PrintStream err) {
    try {
      if (words.size() == 2 && words.get(0).equals("new-key")) {
        return newKey(Path.of(words.get(1)), out);
      }
      Map<String, String> options = options(words);
      if (options == null) {
        err.println(USAGE);
        return 2;
      }
      return sign(Path.of(words.get(0)), options, out);
    } catch (FileAlreadyExistsException e) {
      err.println("sign: " + e.getMessage() + " exists already; it is not replaced");
    } catch (NoSuchFileException e) {
      err.println("sign: " + e.getMessage() + " does not exist");
    } catch (IOException e) {
      err.println("sign: " + e);
    } catch (BundleException | SettingException | IllegalArgumentException e) {
      err.println("sign: " + e.getMessage());
    } catch (GeneralSecurityException e) {
      err.println("sign: the key is not an Ed25519 key; create one with sign new-key FILE");
    }
    return 1;
  }

  /** The options by name; null if they are incomplete. */
  private static Map<String, String> options(List<String> words) {
    if (words.size() % 2 == 0) {
      return null;
    }
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i < words.size(); i += 2) {
      if (!List.of("--key", "--version", "--url", "--to").contains(words.get(i))) {
        return null;
      }
      options.put(words.get(i), words.get(i + 1));
    }
    return options.keySet().containsAll(List.of("--key", "--version", "--url")) ? options : null;
  }

  private static int newKey(Path file, PrintStream out)
      throws IOException, GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance(TrustedKey.ALGORITHM).generateKeyPair();
    Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + lines.encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, pem, StandardCharsets.US_ASCII);
    String key = Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
    out.println(TrustedKey.KEY + " = " + key);
    return 0;
  }

  private static int sign(Path folder, Map<String, String> options, PrintStream out)
      throws IOException, GeneralSecurityException, BundleException {
    int version = Offer.version(options.get("--version"));
    Offer.url(options.get("--url"));
    Path zip = Path.of(options.getOrDefault("--to", "routes-" + version + ".zip"));
    PrivateKey key = new PemFile("--key", Path.of(options.get("--key"))).privateKey();
    BundleSettings.of(folder);
    if (Files.exists(zip)) {
      throw new FileAlreadyExistsException(zip.toString());
    }
    Signature signature = Signature.getInstance(TrustedKey.ALGORITHM);
    signature.initSign(key);
    String sha256;
    Path part = Path.of(zip + ".part");
    try {
      Archive.pack(folder, part);
      sha256 = Download.sha256(part);
      Files.move(part, zip);
    } finally {
      Files.deleteIfExists(part);
    }
    signature.update(Offer.statement(version, sha256));
    ObjectNode routes = Json.object();
    routes.put("version", version).put("url", options.get("--url")).put("sha256", sha256);
    routes.put("signature", Base64.getEncoder().encodeToString(signature.sign()));
    ObjectNode property = Json.object();
    property.set("routes", routes);
    out.println(property.toString());
    return 0;
  }
}
