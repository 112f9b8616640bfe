package routes.link;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import routes.link.Failure.Kind;
import routes.tls.TlsFault;

/** Turns what the network and TLS throw into one line that says what to look at. */
final class Reasons {
  private final BrokerUrl url;
  private final SettingNames names;

  Reasons(ConnectionSettings settings) {
    this.url = settings.url();
    this.names = settings.names();
  }

  /** Why the broker can't be reached, refused this device's certificate, or was lost. */
  Failure of(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      String line = known(cause);
      if (line != null) {
        boolean refused = line.startsWith(TlsFault.CERTIFICATE_REFUSED);
        Kind otherwise = closed(thrown) ? Kind.CLOSED : Kind.UNREACHABLE;
        return new Failure(refused ? Kind.REFUSED : otherwise, line, thrown);
      }
    }
    String line =
        thrown.getMessage() == null ? thrown.getClass().getSimpleName() : TlsFault.oneLine(thrown);
    return new Failure(closed(thrown) ? Kind.CLOSED : Kind.UNREACHABLE, line, thrown);
  }

  /**
   * Why CONNECT was not answered. AWS IoT Core, for one, closes the connection without a word when
   * it doesn't know the certificate or its policy doesn't permit to connect.
   *
   * @param secured whether TLS had been set up by then
   */
  Failure unanswered(Failure why, boolean secured) {
    if (why.kind() == Kind.CLOSED && secured && names.certificate() != null) {
      return new Failure(
          Kind.REFUSED,
          "refused: the broker closed the connection on CONNECT: does it know this device's"
              + " certificate and permit it to connect?"
              + TlsFault.look(names.certificate()),
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
      return "unreachable: " + TlsFault.oneLine(cause) + " at " + url.address();
    }
    if (cause instanceof SocketTimeoutException) {
      return "unreachable: no answer from " + url.address();
    }
    if (cause instanceof SSLException tls) {
      return new TlsFault("broker", url.host(), names.ca(), names.certificate()).describe(tls);
    }
    if (cause instanceof EOFException) {
      return "the broker closed the connection";
    }
    return null;
  }
}
