package routes.mqtt;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import routes.mqtt.Failure.Kind;

/** Turns what the network and TLS throw into one line that says what to look at. */
final class Reasons {
  private static final String CERTIFICATE_REFUSED = "refused: TLS: this device's certificate";

  private final BrokerUrl url;
  private final SettingNames names;

  Reasons(ConnectionSettings settings) {
    this.url = settings.url();
    this.names = settings.names();
  }

  /** The end of a line that names settings to look at, such as " (mqtt.ca)". */
  static String look(String keys) {
    return keys == null ? "" : " (" + keys + ")";
  }

  /** Why the broker can't be reached, refused this device's certificate, or was lost. */
  Failure of(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      String line = known(cause);
      if (line != null) {
        boolean refused = line.startsWith(CERTIFICATE_REFUSED);
        return new Failure(refused ? Kind.REFUSED : Kind.UNREACHABLE, line, thrown);
      }
    }
    String line = thrown.getMessage() == null ? thrown.getClass().getSimpleName() : oneLine(thrown);
    return new Failure(Kind.UNREACHABLE, line, thrown);
  }

  /**
   * Why CONNECT was not answered. AWS IoT Core, for one, closes the connection without a word when
   * it doesn't know the certificate or its policy doesn't permit to connect.
   *
   * @param secured whether TLS had been set up by then
   */
  Failure unanswered(Failure why, boolean secured) {
    if (why.kind() == Kind.UNREACHABLE && secured && names.certificate() != null && closed(why)) {
      return new Failure(
          Kind.REFUSED,
          "refused: the broker closed the connection on CONNECT: does it know this device's"
              + " certificate and permit it to connect?"
              + look(names.certificate()),
          why);
    }
    return why;
  }

  private static boolean closed(Throwable why) {
    for (Throwable cause = why; cause != null; cause = cause.getCause()) {
      if (cause instanceof EOFException || cause.getClass() == SocketException.class) {
        return true;
      }
    }
    return false;
  }

  private String known(Throwable cause) {
    if (cause instanceof UnknownHostException) {
      return "unreachable: unknown host " + url.host();
    }
    if (cause instanceof NoRouteToHostException) {
      return "unreachable: no route to host " + url.host();
    }
    if (cause instanceof ConnectException) {
      return "unreachable: " + oneLine(cause) + " at " + url.address();
    }
    if (cause instanceof SocketTimeoutException) {
      return "unreachable: no answer from " + url.address();
    }
    if (cause instanceof SSLException) {
      return tls(cause);
    }
    if (cause instanceof EOFException) {
      return "the broker closed the connection";
    }
    return null;
  }

  private String tls(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
      if (root instanceof CertificateExpiredException) {
        return "TLS: the broker's certificate has expired";
      }
      if (root instanceof CertificateNotYetValidException) {
        return "TLS: the broker's certificate isn't valid yet: look at this device's clock";
      }
    }
    String message = oneLine(root);
    if (message.contains("path to requested target")
        || root instanceof CertPathValidatorException) {
      return "TLS: the broker's certificate comes from no CA known here" + look(names.ca());
    }
    if (root instanceof CertificateException) {
      return "TLS: the broker's certificate isn't for " + url.host() + ": " + message;
    }
    if (message.contains("fatal alert") && message.contains("certificate")
        || message.contains("unknown_ca")) {
      return CERTIFICATE_REFUSED + look(names.certificate()) + ": " + message;
    }
    return "TLS: " + message;
  }

  private static String oneLine(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage()).lines().findFirst().orElse("").strip();
    if (message.length() > 1 && Character.isLowerCase(message.charAt(1))) {
      message = message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }
    return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }
}
