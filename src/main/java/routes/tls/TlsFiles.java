package routes.tls;

import static java.util.Comparator.naturalOrder;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * Configures TLS to a server from the files that settings name: CA, certificate and private key.
 * The files are read at each connect, so a renewed certificate needs no restart. Host names are
 * checked unless {@code tls.verify-host-name} is false.
 */
public final class TlsFiles implements Supplier<SSLContext> {
  public static final String VERIFY = "tls.verify-host-name";

  private static final char[] NO_PASSWORD = new char[0];

  private final Settings settings;
  private final String caKey;
  private final String certificateKey;
  private final String privateKeyKey;
  private volatile Instant caEnd;
  private volatile Instant certificateEnd;
  private volatile Instant serverEnd;

  /**
   * @param caKey the setting for the server's CA; null for the JDK's own list
   * @param certificateKey the setting for this device's certificate; null if it presents none
   */
  public TlsFiles(Settings settings, String caKey, String certificateKey, String privateKeyKey) {
    this.settings = settings;
    this.caKey = caKey;
    this.certificateKey = certificateKey;
    this.privateKeyKey = privateKeyKey;
  }

  /** The settings that name these files. */
  public List<String> keys() {
    return Stream.of(caKey, certificateKey, privateKeyKey).filter(Objects::nonNull).toList();
  }

  /**
   * The files' certificates as they were read last, and the server's as it was presented last. Of
   * several CAs the last one to expire counts, because one of them is enough.
   */
  public List<Expiry> expiries() {
    List<Expiry> all = new ArrayList<>();
    if (certificateKey != null) {
      all.add(new Expiry(certificateKey, true, () -> certificateEnd));
    }
    if (caKey != null) {
      all.add(new Expiry(caKey, true, () -> caEnd));
      all.add(new Expiry(caKey.replaceFirst("\\..*", ".server"), false, () -> serverEnd));
    }
    return all;
  }

  /**
   * @throws SettingException for a file with missing or invalid content
   */
  @Override
  public SSLContext get() {
    boolean reads = settings.readsCertificates();
    Optional<Path> ca = caKey == null || !reads ? Optional.empty() : settings.file(caKey);
    return context(ca, identity());
  }

  /**
   * The certificate with its key, whose password is empty.
   *
   * @throws SettingException for a file with missing or invalid content
   */
  public Optional<KeyStore> identity() {
    if (certificateKey == null || !settings.readsCertificates()) {
      return Optional.empty();
    }
    Optional<Path> certificate = settings.file(certificateKey);
    Optional<Path> privateKey = settings.file(privateKeyKey);
    if (certificate.isPresent() && privateKey.isEmpty()) {
      throw new SettingException(
          privateKeyKey,
          "is not set; set it to the key's PEM file, because " + certificateKey + " is set");
    }
    if (privateKey.isPresent() && certificate.isEmpty()) {
      throw new SettingException(
          certificateKey,
          "is not set; set it to the certificate's PEM file, because " + privateKeyKey + " is set");
    }
    return certificate.map(
        file ->
            identity(
                new PemFile(certificateKey, file), new PemFile(privateKeyKey, privateKey.get())));
  }

  private SSLContext context(Optional<Path> ca, Optional<KeyStore> identity) {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(ca.isPresent() ? trusted(new PemFile(caKey, ca.get())) : null);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(identity.orElse(null), NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), checked(trust.getTrustManagers()), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot set up the JDK's TLS", e);
    }
  }

  /** Whether a certificate must be valid for the host: true unless the setting is false. */
  public static boolean verifiesHostNames(Settings settings) {
    return settings.find(VERIFY).isEmpty() || settings.flag(VERIFY);
  }

  private TrustManager[] checked(TrustManager[] known) {
    boolean names = verifiesHostNames(settings);
    return new TrustManager[] {
      new HostNameCheck(
          (X509ExtendedTrustManager) known[0], names, server -> serverEnd = end(server))
    };
  }

  private static Instant end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  private KeyStore trusted(PemFile ca) throws GeneralSecurityException, IOException {
    KeyStore store = empty();
    int number = 0;
    List<X509Certificate> certificates = ca.certificates();
    for (X509Certificate certificate : certificates) {
      store.setCertificateEntry("ca-" + number++, certificate);
    }
    caEnd = certificates.stream().map(TlsFiles::end).max(naturalOrder()).orElseThrow();
    return store;
  }

  private KeyStore identity(PemFile certificate, PemFile privateKey) {
    List<X509Certificate> chain = certificate.certificates();
    Instant end = end(chain.get(0));
    if (end.isBefore(Instant.now())) {
      throw certificate.wrong("expired on " + end + "; renew the certificate");
    }
    PrivateKey key = privateKey.privateKey(chain.get(0).getPublicKey());
    try {
      if (!fits(key, chain.get(0))) {
        throw privateKey.wrong("is not the key of " + certificateKey);
      }
      KeyStore store = empty();
      store.setKeyEntry("device", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
      certificateEnd = chain.stream().map(TlsFiles::end).min(naturalOrder()).orElseThrow();
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot set up the JDK's TLS", e);
    }
  }

  private static boolean fits(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
      return false;
    }
    Signature signature = Signature.getInstance(signature(key.getAlgorithm()));
    byte[] text = {1, 2, 3};
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(certificate);
    signature.update(text);
    try {
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      // Another curve.
      return false;
    }
  }

  private static String signature(String algorithm) {
    return switch (algorithm) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> algorithm;
    };
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    // A store of type PKCS12 derives a key from the password 10,000 times, at each connect.
    KeyStore store = KeyStore.getInstance("JKS");
    store.load(null, null);
    return store;
  }
}
