package routes.link;

import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import routes.link.Failure.Kind;
import routes.tls.TlsFault;

/** Turns exceptions and reason codes into one line that names the setting to check. */
final class Reasons {
  private static final String CLOSED = "the broker closed the connection";
  private static final int ERROR = 0x80;
  private static final int NOT_AUTHORIZED = 0x87;
  private static final int TAKEN_OVER = 0x8E;

  /** For example too many messages per second; EMQX responds with this above its limits. */
  private static final int QUOTA_EXCEEDED = 0x97;

  /**
   * DISCONNECT reasons that concern the connection rather than a message: busy, shutting down, keep
   * alive, taken over, message rate, quota, administrative action, another server, server moved,
   * connection rate, maximum connect time.
   */
  private static final Set<Integer> OF_THE_CONNECTION =
      Set.of(0x89, 0x8B, 0x8D, TAKEN_OVER, 0x96, QUOTA_EXCEEDED, 0x98, 0x9C, 0x9D, 0x9F, 0xA0);

  /** DISCONNECT reasons after which a quick reconnect would make matters worse. */
  private static final Set<Integer> WAIT =
      Set.of(0x89, TAKEN_OVER, 0x96, QUOTA_EXCEEDED, 0x98, 0x9F);

  /** CONNACK reasons that do not concern this device: the server is unavailable or busy. */
  private static final Set<Integer> OF_THE_SERVER =
      Set.of(0x88, 0x89, QUOTA_EXCEEDED, 0x9C, 0x9D, 0x9F);

  private final BrokerUrl url;
  private final SettingNames names;
  private final String host;
  private final String address;

  Reasons(ConnectionSettings settings) {
    this.url = settings.url();
    this.names = settings.names();
    this.host = settings.policy().proxy().map(Proxy::host).orElse(url.host());
    this.address = settings.policy().proxy().map(Proxy::address).orElse(url.address());
  }

  /** An MQTT 5 CONNACK (3.2.2.2) with a reason code of 0x80 or above. */
  Failure connack(int code) {
    return switch (code) {
      case 0x84 -> refused("the broker doesn't speak MQTT 5");
      case 0x85 -> refused("client id not valid" + TlsFault.look(names.clientId()));
      case 0x86 -> refused("bad user name or password" + TlsFault.look(names.credential()));
      case 0x87 -> refused("not authorized" + TlsFault.look(names.credential()));
      default ->
          OF_THE_SERVER.contains(code)
              ? new Failure(Kind.BUSY, "unavailable: " + ReasonCodes.name(code))
              : refused(ReasonCodes.name(code));
    };
  }

  /** An MQTT 3.1.1 CONNACK (3.2.2.3) with a return code other than 0. */
  Failure returnCode(int code, boolean five) {
    return switch (code) {
      case 0 -> refused("the broker's answer is not MQTT 5");
      case 1 -> refused("the broker doesn't speak MQTT " + (five ? "5" : "3.1.1"));
      case 2 -> connack(0x85);
      case 3 -> new Failure(Kind.BUSY, "the broker is not available");
      case 4 -> connack(0x86);
      case 5 -> connack(0x87);
      default ->
          refused(
              String.format(Locale.ROOT, "return code 0x%02X", code)
                  + TlsFault.look(names.credential()));
    };
  }

  private static Failure refused(String why) {
    return new Failure(Kind.REFUSED, "refused: " + why);
  }

  /** A PUBACK, PUBREC or PUBCOMP; null if the broker accepted. */
  static Failure publish(int code, boolean five) {
    Failure failure = answer(code, five);
    return code == NOT_AUTHORIZED ? new Failure(Kind.FORBIDDEN, failure.getMessage()) : failure;
  }

  /** Like {@link #publish}, but also for SUBACK and UNSUBACK. */
  static Failure answer(int code, boolean five) {
    if (code < ERROR) {
      return null;
    }
    Kind kind = code == QUOTA_EXCEEDED ? Kind.BUSY : Kind.REFUSED;
    return new Failure(kind, "refused by the broker" + (five ? ": " + ReasonCodes.name(code) : ""));
  }

  /** The broker's DISCONNECT (MQTT 5, 3.14.2.1). */
  static Failure disconnect(int code) {
    Kind kind =
        WAIT.contains(code)
            ? Kind.BUSY
            : OF_THE_CONNECTION.contains(code) ? Kind.UNREACHABLE : Kind.CLOSED;
    return new Failure(kind, "the broker disconnected: " + ReasonCodes.name(code));
  }

  /** The broker closed the connection without giving a reason. */
  static Failure closed() {
    return new Failure(Kind.CLOSED, CLOSED);
  }

  /**
   * The broker closed the connection instead of answering CONNECT. Perhaps its port expects TLS, or
   * does not. AWS IoT Core does this if it doesn't know the certificate or the certificate's policy
   * doesn't allow the connection.
   *
   * @param secured whether TLS had been set up by then
   */
  Failure unanswered(Failure why, boolean secured) {
    if (why.kind() != Kind.CLOSED) {
      return why;
    }
    if (!url.scheme().tls) {
      String line = "the broker closed the connection on CONNECT; if " + url.address();
      return new Failure(Kind.CLOSED, line + " is a TLS port, " + otherScheme(), why);
    }
    if (!secured) {
      return new Failure(
          Kind.CLOSED,
          "TLS: the broker closed the connection in the handshake: "
              + url.address()
              + " may not be a TLS port"
              + otherPort(),
          why);
    }
    if (names.certificate() != null) {
      return new Failure(
          Kind.REFUSED,
          "refused: the broker closed the connection on CONNECT; check that it knows this device's"
              + " certificate and allows it to connect"
              + TlsFault.look(names.certificate()));
    }
    return why;
  }

  /** Why the broker is unreachable, refused this device's certificate, or was lost. */
  Failure of(Throwable thrown) {
    if (thrown instanceof Failure failure) {
      return failure;
    }
    Kind kind = closed(thrown) ? Kind.CLOSED : Kind.UNREACHABLE;
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      String line = known(cause);
      if (line != null) {
        boolean refused = line.startsWith(TlsFault.CERTIFICATE_REFUSED);
        return new Failure(refused ? Kind.REFUSED : kind, line, thrown);
      }
    }
    String line =
        thrown.getMessage() == null ? thrown.getClass().getSimpleName() : TlsFault.oneLine(thrown);
    return new Failure(kind, line, thrown);
  }

  /** How to switch the URL from TLS to plain text, or the reverse. */
  private String otherScheme() {
    String other =
        switch (url.scheme()) {
          case TCP -> "ssl://";
          case SSL -> "tcp://";
          case WS -> "wss://";
          case WSS -> "ws://";
        };
    return "use " + other + " in " + names.address();
  }

  /** The fix for a port that does not speak TLS. A cloud's endpoint has no scheme to change. */
  private String otherPort() {
    return names.address().endsWith(".url")
        ? "; for a plain-text port " + otherScheme()
        : TlsFault.look(names.address());
  }

  private static boolean closed(Throwable why) {
    for (Throwable cause = why; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof EOFException
          || cause instanceof ClosedChannelException
          || cause.getClass() == SocketException.class
          || cause.getClass() == IOException.class
              && (message.startsWith("Broken pipe") || message.startsWith("Connection reset"))) {
        return true;
      }
    }
    return false;
  }

  private String known(Throwable cause) {
    if (cause instanceof UnknownHostException) {
      return "unreachable: unknown host " + host;
    }
    if (cause instanceof NoRouteToHostException) {
      return "unreachable: no route to host " + host;
    }
    if (cause instanceof ProxyConnectException) {
      String why = String.valueOf(cause.getMessage()).replaceFirst("(?s).* => [^,]*,? ?", "");
      return "unreachable: proxy " + address + ": " + why;
    }
    // Netty's timeout is a ConnectException too.
    if (cause instanceof SocketTimeoutException
        || cause instanceof io.netty.channel.ConnectTimeoutException) {
      return "unreachable: no answer from " + address;
    }
    if (cause instanceof ConnectException) {
      // Netty appends the address.
      String why = TlsFault.oneLine(cause).replaceFirst(": [^ ]*/.*", "");
      return "unreachable: " + why + " at " + address;
    }
    if (cause instanceof NotSslRecordException) {
      return "TLS: " + url.address() + " does not speak TLS" + otherPort();
    }
    if (cause instanceof SSLException tls) {
      return new TlsFault("broker", url.host(), names.ca(), names.certificate()).describe(tls);
    }
    if (cause instanceof EOFException || cause instanceof ClosedChannelException) {
      return CLOSED;
    }
    return null;
  }
}
