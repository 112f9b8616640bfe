package routes;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Creates a CA, certificates and keys for tests, and writes them as PEM. */
public final class Certificates {
  /** A certificate with its key. */
  public record Identity(X509Certificate certificate, KeyPair keys) {}

  private static final Duration VALID = Duration.ofDays(90);
  private static final int DNS_NAME = GeneralName.dNSName;
  private static final int IP_ADDRESS = GeneralName.iPAddress;

  private static final Map<Integer, KeyPair> RSA = new ConcurrentHashMap<>();
  private static final AtomicInteger NEXT = new AtomicInteger();

  private final Identity ca;
  private final Path folder;

  /**
   * @param folder for the PEM files
   */
  public Certificates(Path folder) {
    this.folder = folder;
    KeyPair keys = ec();
    this.ca =
        new Identity(sign("CN=test CA", keys, null, keys, Instant.now().plus(VALID), null), keys);
  }

  public static KeyPair ec() {
    return keys("EC");
  }

  /** Returns one of four keys in turn, because generating one takes half a second. */
  public static KeyPair rsa() {
    return RSA.computeIfAbsent(NEXT.getAndIncrement() % 4, number -> keys("RSA"));
  }

  private static KeyPair keys(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      } else {
        generator.initialize(2048);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public Identity ca() {
    return ca;
  }

  /** A server certificate for a host name. */
  public Identity server(String host, KeyPair keys) {
    return server(List.of(host), keys);
  }

  /** A server certificate for several host names and addresses. */
  public Identity server(List<String> hosts, KeyPair keys) {
    GeneralName[] names =
        hosts.stream()
            .map(host -> new GeneralName(address(host) ? IP_ADDRESS : DNS_NAME, host))
            .toArray(GeneralName[]::new);
    return issued("CN=server", keys, Instant.now().plus(VALID), new GeneralNames(names));
  }

  /** A server certificate for localhost that expires at {@code end}. */
  public Identity server(KeyPair keys, Instant end) {
    return issued("CN=server", keys, end, new GeneralNames(new GeneralName(DNS_NAME, "localhost")));
  }

  private static boolean address(String host) {
    return host.matches("[\\d.]+");
  }

  public Identity client(String name, KeyPair keys) {
    return issued("CN=" + name, keys, Instant.now().plus(VALID), null);
  }

  public Identity client(String name, KeyPair keys, Instant end) {
    return issued("CN=" + name, keys, end, null);
  }

  public Identity expired(String name, KeyPair keys) {
    return issued("CN=" + name, keys, Instant.now().minus(VALID), null);
  }

  private Identity issued(String subject, KeyPair keys, Instant end, GeneralNames names) {
    return new Identity(sign(subject, keys, ca.certificate(), ca.keys(), end, names), keys);
  }

  private static X509Certificate sign(
      String subject,
      KeyPair keys,
      X509Certificate issuer,
      KeyPair issuerKeys,
      Instant end,
      GeneralNames names) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer == null
                  ? new X500Name(subject)
                  : new X500Name(issuer.getSubjectX500Principal().getName()),
              new BigInteger(64, new SecureRandom()),
              Date.from(end.minus(VALID.multipliedBy(2))),
              Date.from(end),
              new X500Name(subject),
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(issuer == null));
      if (names != null) {
        builder.addExtension(Extension.subjectAlternativeName, false, names);
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** BEGIN CERTIFICATE. */
  public Path write(X509Certificate certificate) {
    return writePem("certificate", certificate);
  }

  /** BEGIN RSA PRIVATE KEY (PKCS#1) or BEGIN EC PRIVATE KEY (SEC1). */
  public Path writeTraditional(PrivateKey key) {
    return writePem("key", key);
  }

  /** BEGIN PRIVATE KEY. */
  public Path writePkcs8(PrivateKey key) {
    try {
      return writePem("key", new JcaPKCS8Generator(key, null));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** BEGIN ENCRYPTED PRIVATE KEY. */
  public Path writeEncrypted(PrivateKey key) {
    try {
      return writePem(
          "key",
          new JcaPKCS8Generator(
              key,
              new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                  .setProvider(new BouncyCastleProvider())
                  .setPassword("secret".toCharArray())
                  .build()));
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path writePem(String name, Object content) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(content);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return writeText(name, text.toString());
  }

  public Path writeText(String name, String text) {
    try {
      return Files.writeString(Files.createTempFile(folder, name, ".pem"), text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For a server that requires client certificates of this CA. */
  public SSLContext serverContext(Identity server) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", ca.certificate());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      return serverContext(server, trust.getTrustManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For a server with its own check of client certificates. */
  public static SSLContext serverContext(Identity server, TrustManager... trust) {
    try {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      X509Certificate[] chain = {server.certificate()};
      keys.setKeyEntry("server", server.keys().getPrivate(), new char[0], chain);
      KeyManagerFactory own =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      own.init(keys, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own.getKeyManagers(), trust, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
