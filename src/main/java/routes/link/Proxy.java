package routes.link;

import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.uplink.GatewaySettings;

/**
 * The proxy between this device and the broker: HTTP CONNECT (RFC 9110, 9.3.6) or SOCKS5 (RFC
 * 1928).
 *
 * @param http false for SOCKS5
 * @param login called for each connection, on a thread that may block
 */
public record Proxy(boolean http, String host, int port, Supplier<Login> login) {
  /**
   * @param user null for none
   */
  record Login(String user, String password) {
    /** Omits the password. */
    @Override
    public String toString() {
      return "Login[" + user + "]";
    }
  }

  private static final Pattern URL =
      Pattern.compile("(http|socks5)://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]):(\\d{1,5})/?");

  /**
   * Reads {@code proxy}, {@code proxy-username} and {@code proxy-password}; empty if there is no
   * proxy.
   *
   * @throws routes.settings.SettingException if proxy is not such an address
   */
  static Optional<Proxy> read(GatewaySettings settings) {
    return settings.find("proxy").map(text -> parse(settings, text));
  }

  private static Proxy parse(GatewaySettings settings, String text) {
    Matcher url = URL.matcher(text.toLowerCase(Locale.ROOT));
    int port = url.matches() ? Integer.parseInt(url.group(3)) : 0;
    if (port == 0 || port > 65_535) {
      // The message omits the text, which may contain a password.
      throw settings.wrong(
          "proxy",
          "is not a proxy address; use http://host:port or socks5://host:port, and "
              + settings.key("proxy-username")
              + " and "
              + settings.key("proxy-password")
              + " if the proxy requires a login");
    }
    return new Proxy(
        url.group(1).equals("http"),
        url.group(2),
        port,
        () ->
            new Login(
                settings.find("proxy-username").orElse(null),
                settings.find("proxy-password").orElse("")));
  }

  String address() {
    return host + ":" + port;
  }

  ProxyHandler handler(InetSocketAddress address, Login known, int timeoutMillis) {
    String name = known.user();
    ProxyHandler handler;
    if (http) {
      handler =
          name == null
              ? new HttpProxyHandler(address)
              : new HttpProxyHandler(address, name, known.password());
    } else {
      handler =
          name == null
              ? new Socks5ProxyHandler(address)
              : new Socks5ProxyHandler(address, name, known.password());
    }
    handler.setConnectTimeoutMillis(timeoutMillis);
    return handler;
  }
}
