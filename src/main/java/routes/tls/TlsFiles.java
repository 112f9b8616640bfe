package routes.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * The TLS to a server, out of the files that settings name: CA, certificate and private key. The
 * files are read at each connect: a renewed certificate needs no restart. Host names are checked
 * unless {@code tls.verify-host-name} is false.
 */
public final class TlsFiles implements Supplier<SSLContext> {
  public static final String VERIFY = "tls.verify-host-name";

  private static final char[] NO_PASSWORD = new char[0];

  private final Settings settings;
  private final String caKey;
  private final String certificateKey;
  private final String privateKeyKey;

  /**
   * @param caKey the setting for the server's CA; null for the JDK's own list
   * @param certificateKey null where this device shows no certificate
   */
  public TlsFiles(Settings settings, String caKey, String certificateKey, String privateKeyKey) {
    this.settings = settings;
    this.caKey = caKey;
    this.certificateKey = certificateKey;
    this.privateKeyKey = privateKeyKey;
  }

  /**
   * @throws SettingException for a file that isn't what it should be
   */
  @Override
  public SSLContext get() {
    Optional<Path> ca = caKey == null ? Optional.empty() : settings.file(caKey);
    Optional<Path> certificate =
        certificateKey == null ? Optional.empty() : settings.file(certificateKey);
    Optional<Path> privateKey =
        certificateKey == null ? Optional.empty() : settings.file(privateKeyKey);
    if (certificate.isPresent() && privateKey.isEmpty()) {
      throw new SettingException(
          privateKeyKey,
          "is not set: it should be the key's PEM file, as " + certificateKey + " is set");
    }
    if (privateKey.isPresent() && certificate.isEmpty()) {
      throw new SettingException(
          certificateKey,
          "is not set: it should be the certificate's PEM file, as " + privateKeyKey + " is set");
    }
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(ca.isPresent() ? trusted(new PemFile(caKey, ca.get())) : null);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(
          certificate.isPresent()
              ? identity(
                  new PemFile(certificateKey, certificate.get()),
                  new PemFile(privateKeyKey, privateKey.get()))
              : null,
          NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), checked(trust.getTrustManagers()), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the JDK's TLS can't be set up", e);
    }
  }

  /** Whether a certificate has to be for the host: true unless the setting says false. */
  public static boolean verifiesHostNames(Settings settings) {
    return settings.find(VERIFY).isEmpty() || settings.flag(VERIFY);
  }

  private TrustManager[] checked(TrustManager[] known) {
    boolean names = verifiesHostNames(settings);
    return new TrustManager[] {new HostNameCheck((X509ExtendedTrustManager) known[0], names)};
  }

  private static KeyStore trusted(PemFile ca) throws GeneralSecurityException, IOException {
    KeyStore store = empty();
    int number = 0;
    for (X509Certificate certificate : ca.certificates()) {
      store.setCertificateEntry("ca-" + number++, certificate);
    }
    return store;
  }

  private KeyStore identity(PemFile certificate, PemFile privateKey)
      throws GeneralSecurityException, IOException {
    List<X509Certificate> chain = certificate.certificates();
    Instant end = chain.get(0).getNotAfter().toInstant();
    if (end.isBefore(Instant.now())) {
      throw certificate.wrong("expired on " + end + ": it should be a valid certificate");
    }
    PrivateKey key = privateKey.privateKey(chain.get(0).getPublicKey());
    if (!fits(key, chain.get(0))) {
      throw privateKey.wrong("doesn't fit: it should be the key of " + certificateKey);
    }
    KeyStore store = empty();
    store.setKeyEntry("device", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
    return store;
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
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
