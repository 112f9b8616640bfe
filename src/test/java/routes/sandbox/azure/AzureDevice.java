package routes.sandbox.azure;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import routes.sandbox.Connect;

/** A device or module in the hub's registry, and its connection, if any. */
final class AzureDevice {
  /** One connection, with the filters it subscribed to. */
  static final class Connection {
    final Connect connect;
    final Set<String> filters = ConcurrentHashMap.newKeySet();

    Connection(Connect connect) {
      this.connect = connect;
    }
  }

  final String id;
  final String generation = Long.toUnsignedString(new SecureRandom().nextLong() >>> 4);
  final Twin twin = new Twin();

  final DeviceMessages messages;

  private final byte[] key;
  private final Set<String> thumbprints;
  volatile boolean enabled = true;
  volatile Connection connection;

  /**
   * @param id device or device/module
   * @param key null for a device with a certificate
   * @param thumbprints SHA-1 or SHA-256 of its certificates, hexadecimal
   */
  AzureDevice(String id, byte[] key, Set<String> thumbprints) {
    this.id = id;
    this.key = key;
    this.thumbprints = thumbprints;
    this.messages = new DeviceMessages(path());
  }

  /** The topic prefix, such as devices/edge-1 or devices/edge-1/modules/m. */
  String path() {
    return "devices/" + id.replace("/", "/modules/");
  }

  boolean module() {
    return id.contains("/");
  }

  boolean hasKey() {
    return key != null;
  }

  /** The last part of the device's connection string. */
  String credential() {
    return key == null ? "x509=true" : "SharedAccessKey=" + Base64.getEncoder().encodeToString(key);
  }

  /** Why the hub refuses it; empty if it does not. */
  Optional<String> refusal(Connect connect, String host) {
    if (!enabled) {
      return Optional.of(id + " is disabled");
    }
    if (key == null) {
      if (connect.password().isPresent()) {
        return Optional.of(id + " has a certificate and sent a password");
      }
      return connect.certificate().isPresent() && known(connect.certificate().get())
          ? Optional.empty()
          : Optional.of(id + " showed no certificate of a known thumbprint");
    }
    SasCheck token = connect.password().map(SasCheck::of).orElse(null);
    return token == null
        ? Optional.of(id + " sent no SAS token")
        : token.refusal(host + "/" + path(), key, Instant.now());
  }

  private boolean known(X509Certificate certificate) {
    return thumbprints.contains(thumbprint(certificate, "SHA-1"))
        || thumbprints.contains(thumbprint(certificate, "SHA-256"));
  }

  /** Upper case and without colons, as the hub requires. */
  static String thumbprint(X509Certificate certificate, String algorithm) {
    try {
      byte[] digest = MessageDigest.getInstance(algorithm).digest(certificate.getEncoded());
      return HexFormat.of().withUpperCase().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether it is connected and subscribed to this prefix. */
  boolean listens(String prefix) {
    Connection now = connection;
    return now != null && now.filters.contains(prefix + "#");
  }
}
