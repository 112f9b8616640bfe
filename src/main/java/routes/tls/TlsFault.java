package routes.tls;

import java.security.SignatureException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * Turns a TLS exception into one line that names what to check.
 *
 * @param peer the server, such as "broker"
 * @param host the requested host
 * @param ca the setting with the server's CA; null if there is none
 * @param certificate the setting with this device's certificate; null if there is none
 */
public record TlsFault(String peer, String host, String ca, String certificate) {
  /** The start of the line for a peer that refuses this device's certificate. */
  public static final String CERTIFICATE_REFUSED = "refused: TLS: this device's certificate";

  public String describe(SSLException thrown) {
    Throwable root = thrown;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
      if (root instanceof CertificateExpiredException) {
        return "TLS: the " + peer + "'s certificate has expired";
      }
      if (root instanceof CertificateNotYetValidException) {
        return "TLS: the " + peer + "'s certificate is not valid yet; check this device's clock";
      }
    }
    String message = oneLine(root);
    if (message.contains("path to requested target")
        || root instanceof CertPathValidatorException
        || root instanceof SignatureException) { // a CA of the same name
      return "TLS: the " + peer + "'s certificate is not from a known CA" + look(ca);
    }
    if (root instanceof CertificateException) {
      return "TLS: the " + peer + "'s certificate is not valid for " + host + ": " + message;
    }
    if (message.contains("fatal alert") && message.contains("certificate")
        || message.contains("unknown_ca")) {
      return CERTIFICATE_REFUSED + look(certificate) + ": " + message;
    }
    return "TLS: " + message;
  }

  /** The end of a line that names the settings to check, such as " (mqtt.ca)". */
  public static String look(String keys) {
    return keys == null ? "" : " (" + keys + ")";
  }

  /** The first line of a message, as the end of a sentence. */
  public static String oneLine(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage()).lines().findFirst().orElse("").strip();
    if (message.length() > 1 && Character.isLowerCase(message.charAt(1))) {
      message = message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }
    return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }
}
