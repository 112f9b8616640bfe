package routes.bus;

import io.nats.client.AuthenticationException;
import io.nats.client.Options;
import io.nats.client.support.NatsUri;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.tls.TlsFault;
import routes.tls.TlsFiles;

/**
 * The addresses of NATS and the login of this process: the settings {@code nats.*}, validated. User
 * and password are removed from the addresses, so that no log and no error can show them. Files are
 * read at each connect.
 */
public final class BusServers {
  private static final String SHOULD =
      "it should be one such as nats://localhost:4222, several with commas between";

  private static final String CA = "nats.ca";
  private static final String CERTIFICATE = "nats.certificate";
  private static final Set<String> SECURE = Set.of("tls", "wss");

  private final List<NatsUri> addresses = new ArrayList<>();
  private volatile Collection<String> discovered = List.of();
  private String user;
  private String secret;
  private final Settings settings;
  private final TlsFiles tls;

  private BusServers(Settings settings) {
    this.settings = settings;
    this.tls = new TlsFiles(settings, CA, CERTIFICATE, "nats.private-key");
  }

  /**
   * @throws SettingException if an address is malformed, users contradict each other or a file
   *     isn't what it should be
   */
  public static BusServers of(Settings settings) {
    BusServers servers = new BusServers(settings);
    Set<String> users = new LinkedHashSet<>();
    List<String> items = settings.list("nats.servers");
    if (items.isEmpty()) {
      throw new SettingException("nats.servers", "names no address: " + SHOULD);
    }
    for (int i = 0; i < items.size(); i++) {
      String found = servers.add(items.get(i), (i + 1) + " of " + items.size());
      if (found != null) {
        users.add(found);
      }
    }
    servers.user = settings.find("nats.username").orElse(null);
    servers.secret = settings.find("nats.password").orElse(null);
    if (servers.user == null && servers.secret != null) {
      throw new SettingException("nats.username", "is not set, but nats.password is");
    }
    if (servers.user == null && !users.isEmpty()) {
      if (users.size() > 1) {
        throw new SettingException(
            "nats.servers",
            "the addresses name different users: put the one user into nats.username and"
                + " nats.password");
      }
      servers.login(users.iterator().next());
    }
    if (servers.secret != null && settings.find(NatsCredentials.KEY).isPresent()) {
      throw new SettingException(
          NatsCredentials.KEY, "is set, but so are user and password or a token: leave one out");
    }
    servers.options();
    return servers;
  }

  /** The value stays out of the message: it may hold a password. */
  private String add(String item, String which) {
    try {
      NatsUri uri = new NatsUri(item);
      if (uri.getScheme().equals("opentls")) {
        throw new SettingException(
            "nats.servers",
            "address "
                + which
                + " asks for no check of the server's certificate: use tls:// and"
                + " nats.ca");
      }
      if (uri.getPort() < 1 || uri.getPort() > 65535) {
        throw new URISyntaxException("", "port");
      }
      String path = uri.getUri().getRawPath();
      addresses.add(
          new NatsUri(
              uri.getScheme()
                  + "://"
                  + uri.getHost()
                  + ":"
                  + uri.getPort()
                  + (path == null ? "" : path)));
      return uri.getUserInfo();
    } catch (SettingException e) {
      throw e;
    } catch (URISyntaxException | RuntimeException e) {
      throw new SettingException("nats.servers", "address " + which + " is malformed: " + SHOULD);
    }
  }

  private void login(String userInfo) {
    int colon = userInfo.indexOf(':');
    user = colon < 0 ? null : userInfo.substring(0, colon);
    secret = userInfo.substring(colon + 1);
  }

  /** Adds the servers of the cluster, as one of them reported them. */
  void remember(Collection<String> servers) {
    discovered = servers;
  }

  String loginRefused() {
    boolean credentials = settings.find(NatsCredentials.KEY).isPresent();
    return "the login is refused: check "
        + (credentials ? NatsCredentials.KEY : "nats.username and nats.password");
  }

  /** Why connecting failed, in one line that names the setting to check. */
  public String fault(Exception e) {
    if (e instanceof AuthenticationException) {
      return loginRefused();
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException failed) {
        return new TlsFault("server", toString(), CA, CERTIFICATE).describe(failed);
      }
    }
    if (e instanceof TimeoutException) {
      return unanswered();
    }
    Throwable failure = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    String text =
        failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    return text
        + switch (text) {
          case "SSL required by server." -> " Begin nats.servers with tls://";
          case "SSL connection wanted by client." ->
              " The server has no tls block: give it one, or leave out nats.ca and tls://";
          default -> "";
        };
  }

  /**
   * The error for a timeout while connecting. A TLS 1.3 server refuses a certificate after the
   * handshake, and jnats then waits for an answer that never arrives.
   */
  private String unanswered() {
    return secure()
        ? "no answer: does the server ask for a certificate, and is it this device's"
            + TlsFault.look(CERTIFICATE)
            + "?"
        : "no answer";
  }

  private boolean secure() {
    return addresses.stream().anyMatch(address -> SECURE.contains(address.getScheme()))
        || settings.find(CA).isPresent()
        || settings.find(CERTIFICATE).isPresent();
  }

  /**
   * Addresses, TLS, login and a socket that accepts any header; otherwise jnats' defaults.
   *
   * @throws SettingException if a file isn't what it should be
   */
  public Options.Builder options() {
    Set<String> all = new LinkedHashSet<>();
    addresses.forEach(address -> all.add(address.toString()));
    all.addAll(discovered);
    Options.Builder options =
        new Options.Builder()
            .servers(all.toArray(String[]::new))
            .dataPortType(ReadableHeadersPort.class.getName());
    if (user != null) {
      options.userInfo(user, secret == null ? "" : secret);
    } else if (secret != null) {
      options.token(secret.toCharArray());
    }
    settings.file(NatsCredentials.KEY).map(NatsCredentials::read).ifPresent(options::authHandler);
    if (secure()) {
      // Resolved by jnats, a name is lost before it can be compared with the certificate's.
      options.sslContext(tls.get()).noResolveHostnames();
    }
    return options;
  }

  /** Hosts and ports, for people. */
  @Override
  public String toString() {
    return addresses.stream()
        .map(address -> address.getHost() + ":" + address.getPort())
        .collect(Collectors.joining(", "));
  }
}
