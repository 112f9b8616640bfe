package routes.bundles;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * A bundle that a cloud offers: the desired property {@code routes}.
 *
 * @param version from 1; each bundle has a higher one than those before it
 * @param url {@code https://...}, or {@code nats://BUCKET/NAME} for an object store of the bus
 * @param sha256 the checksum of the ZIP file, in lower-case hexadecimal digits
 * @param signature of {@link #statement}, by Ed25519 (RFC 8032)
 */
record Offer(int version, URI url, String sha256, byte[] signature) {
  private static final int LONGEST_URL = 2048;
  private static final int SIGNATURE_BYTES = 64;

  /**
   * @throws BundleException for a missing or malformed field
   */
  static Offer of(JsonNode routes) throws BundleException {
    if (!routes.isObject()) {
      throw new BundleException("routes must be an object with version, url, sha256 and signature");
    }
    int version = version(routes.path("version").toString());
    String sha256 = routes.path("sha256").asText().toLowerCase(Locale.ROOT);
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new BundleException("routes.sha256 must have 64 hexadecimal digits");
    }
    byte[] signature;
    try {
      signature = Base64.getDecoder().decode(routes.path("signature").asText());
    } catch (IllegalArgumentException e) {
      signature = new byte[0];
    }
    if (signature.length != SIGNATURE_BYTES) {
      throw new BundleException("routes.signature must be the base64 text that sign prints");
    }
    return new Offer(version, url(routes.path("url").asText()), sha256, signature);
  }

  /**
   * @param text a JSON number
   */
  static int version(String text) throws BundleException {
    if (text.matches("[1-9][0-9]{0,9}") && Long.parseLong(text) <= Integer.MAX_VALUE) {
      return Integer.parseInt(text);
    }
    throw new BundleException("the version must be a whole number from 1 to 2147483647");
  }

  static URI url(String text) throws BundleException {
    try {
      URI url = new URI(text);
      boolean path = url.getPath() != null && url.getPath().length() > 1;
      boolean known = "https".equals(url.getScheme()) || "nats".equals(url.getScheme());
      if (known && url.getRawAuthority() != null && path && text.length() <= LONGEST_URL) {
        return url;
      }
    } catch (URISyntaxException e) {
      // the same message as for another scheme
    }
    throw new BundleException("the url must be https://HOST/PATH or nats://BUCKET/NAME");
  }

  boolean isSame(Offer other) {
    return version == other.version && sha256.equals(other.sha256) && url.equals(other.url);
  }

  /** The address without user and query, which may contain a password or key. */
  String place() {
    return url.getScheme() + "://" + url.getRawAuthority().replaceFirst(".*@", "") + url.getPath();
  }

  /** What is signed. */
  byte[] statement() {
    return statement(version, sha256);
  }

  static byte[] statement(int version, String sha256) {
    return ("cloud-iot-routes bundle\nversion " + version + "\nsha256 " + sha256 + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
