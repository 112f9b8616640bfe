package routes.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.settings.SettingException;

/**
 * Certificates and private keys in PEM (RFC 7468). Errors name the setting, the file and its
 * expected content, never its actual content.
 */
public final class PemFile {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \\1-----", Pattern.DOTALL);

  private final String key;
  private final Path path;
  private final String text;

  /**
   * @param key the setting that names the file
   */
  public PemFile(String key, Path path) {
    this.key = key;
    this.path = path;
    try {
      this.text = new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw wrong("cannot be read");
    }
  }

  /** The certificates in the order of the file, at least one. */
  public List<X509Certificate> certificates() {
    List<X509Certificate> certificates = new ArrayList<>();
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      if (block.group(1).equals("CERTIFICATE")) {
        certificates.add(certificate(block.group(2)));
      }
    }
    if (certificates.isEmpty()) {
      throw wrong(
          text.contains("PRIVATE KEY-----")
              ? "contains a private key; use a certificate"
              : "contains no certificate; a line -----BEGIN CERTIFICATE----- is missing");
    }
    return certificates;
  }

  private X509Certificate certificate(String base64) {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException | IllegalArgumentException e) {
      throw wrong("contains a damaged certificate");
    }
  }

  /**
   * The private key of a certificate: PKCS#8, PKCS#1 (RSA) or SEC1 (EC), without a passphrase.
   *
   * @param certificate the matching public key
   */
  public PrivateKey privateKey(PublicKey certificate) {
    return privateKey(der -> PrivateKeyParser.sec1(der, certificate));
  }

  /** A private key without a certificate; a SEC1 key that names no curve is on P-256. */
  public PrivateKey privateKey() {
    return privateKey(PrivateKeyParser::sec1);
  }

  private interface Parser {
    PrivateKey parse(byte[] der) throws GeneralSecurityException;
  }

  private PrivateKey privateKey(Parser sec1) {
    if (text.contains("ENCRYPTED")) {
      throw wrong("contains an encrypted key; remove the passphrase (openssl pkey -in ...)");
    }
    if (!text.contains("PRIVATE KEY-----")) {
      throw wrong(
          text.contains("-----BEGIN CERTIFICATE-----")
              ? "contains a certificate; use the private key"
              : text.contains("PUBLIC KEY-----")
                  ? "contains a public key; use the private key"
                  : "contains no private key; a line -----BEGIN PRIVATE KEY----- is missing");
    }
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      if (block.group(1).endsWith("PRIVATE KEY")) {
        return privateKey(block.group(1), block.group(2), sec1);
      }
    }
    throw wrong("contains a private key without its END line");
  }

  private PrivateKey privateKey(String label, String base64, Parser sec1) {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      return switch (label) {
        case "RSA PRIVATE KEY" -> PrivateKeyParser.pkcs1(der);
        case "EC PRIVATE KEY" -> sec1.parse(der);
        default -> PrivateKeyParser.pkcs8(der);
      };
    } catch (GeneralSecurityException | RuntimeException e) {
      // Omits the cause: a parser's message may quote the key.
      throw wrong("contains an unreadable key; use RSA or EC in PKCS#8, PKCS#1 or SEC1");
    }
  }

  /** Creates an error for this file. */
  public SettingException wrong(String problem) {
    return new SettingException(key, path.toAbsolutePath() + " " + problem);
  }
}
