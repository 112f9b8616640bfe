package routes.link;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.settings.SettingException;

/**
 * A broker's URL with the scheme tcp or mqtt, ssl or mqtts, ws, or wss.
 *
 * @param path the WebSocket's path, /mqtt by default; empty for the other schemes
 */
public record BrokerUrl(Scheme scheme, String host, int port, String path) {
  // Not URI.getHost(), which rejects names with an underscore, as container networks have them.
  private static final Pattern AUTHORITY =
      Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?])(?::(\\d{1,5}))?");
  private static final String EXAMPLES =
      "use tcp://host:1883, ssl://host:8883, ws://host/path or wss://host/path";

  public enum Scheme {
    TCP(1883, false, false),
    SSL(8883, true, false),
    WS(80, false, true),
    WSS(443, true, true);

    final int defaultPort;
    public final boolean tls;
    final boolean webSocket;

    Scheme(int defaultPort, boolean tls, boolean webSocket) {
      this.defaultPort = defaultPort;
      this.tls = tls;
      this.webSocket = webSocket;
    }
  }

  /**
   * @param key the setting that holds the URL
   * @throws SettingException if it is not such a URL, or contains a user name or password
   */
  public static BrokerUrl parse(String key, String text) {
    if (text.contains("@")) {
      // The message omits the text, which may contain a password.
      throw new SettingException(
          key, "contains a user name or password; use the settings for them instead");
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw malformed(key, text);
    }
    Scheme scheme = scheme(uri);
    Matcher authority = AUTHORITY.matcher(uri.getAuthority() == null ? "" : uri.getAuthority());
    if (scheme == null || !authority.matches()) {
      throw malformed(key, text);
    }
    String port = authority.group(2);
    int number = port == null ? scheme.defaultPort : Integer.parseInt(port);
    if (number == 0 || number > 65_535) {
      throw malformed(key, text);
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    if (!scheme.webSocket && !path.isEmpty() && !"/".equals(path)) {
      throw malformed(key, text);
    }
    if (scheme.webSocket) {
      path = path.isEmpty() ? "/mqtt" : path;
      path += uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    }
    return new BrokerUrl(scheme, authority.group(1), number, scheme.webSocket ? path : "");
  }

  private static Scheme scheme(URI uri) {
    String name = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "tcp", "mqtt" -> Scheme.TCP;
      case "ssl", "mqtts" -> Scheme.SSL;
      case "ws" -> Scheme.WS;
      case "wss" -> Scheme.WSS;
      default -> null;
    };
  }

  private static SettingException malformed(String key, String text) {
    // Malformed text may contain a token, for example in a query.
    String shown = text.replaceFirst("(?s)[^A-Za-z0-9:/._ \\[\\]-].*", "...");
    return new SettingException(key, "\"" + shown + "\" is not a broker address; " + EXAMPLES);
  }

  public String address() {
    return host + ":" + port;
  }

  /** As Paho spells it: tcp, ssl, ws or wss. */
  @Override
  public String toString() {
    return scheme.name().toLowerCase(Locale.ROOT) + "://" + address() + path;
  }
}
