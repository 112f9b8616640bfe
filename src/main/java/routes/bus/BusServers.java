package routes.bus;

import io.nats.client.AuthenticationException;
import io.nats.client.Options;
import io.nats.client.support.NatsUri;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.tls.Expiry;
import routes.tls.TlsFault;
import routes.tls.TlsFiles;

/**
 * The addresses of NATS and this process's login: the settings {@code nats.*} and their files, read
 * and validated again at each connect. User and password are removed from the addresses, so that no
 * log line or error can show them.
 */
public final class BusServers {
  private static final String EXAMPLE =
      "use an address such as nats://localhost:4222, or several separated by commas";

  private static final String CA = "nats.ca";
  private static final String CERTIFICATE = "nats.certificate";
  private static final Set<String> SECURE = Set.of("tls", "wss");

  private volatile List<NatsUri> addresses = List.of();
  private volatile Collection<String> discovered = List.of();
  private volatile Instant loginEnd;
  private final Settings settings;
  private final TlsFiles tls;

  private BusServers(Settings settings) {
    this.settings = settings;
    this.tls = new TlsFiles(settings, CA, CERTIFICATE, "nats.private-key");
  }

  /**
   * @throws SettingException if an address is malformed, the users differ or a file is invalid
   */
  public static BusServers of(Settings settings) {
    BusServers servers = new BusServers(settings);
    servers.options();
    return servers;
  }

  /**
   * Reads the addresses.
   *
   * @return the users and passwords, or tokens, that the addresses contain
   */
  private Set<String> read() {
    List<String> items = settings.list("nats.servers");
    if (items.isEmpty()) {
      throw new SettingException("nats.servers", "contains no address; " + EXAMPLE);
    }
    List<NatsUri> found = new ArrayList<>();
    Set<String> users = new LinkedHashSet<>();
    for (int i = 0; i < items.size(); i++) {
      NatsUri uri = parse(items.get(i), (i + 1) + " of " + items.size());
      found.add(withoutUser(uri));
      if (uri.getUserInfo() != null) {
        users.add(uri.getUserInfo());
      }
    }
    if (!found.toString().equals(addresses.toString())) {
      discovered = List.of(); // of another cluster
      addresses = found;
    }
    return users;
  }

  private void login(Options.Builder options, Set<String> users) {
    Optional<String> user = settings.find("nats.username");
    Optional<String> password = settings.find("nats.password");
    if (user.isEmpty() && password.isPresent()) {
      throw new SettingException("nats.username", "is not set, but nats.password is");
    }
    if (user.isEmpty() && users.size() > 1) {
      throw new SettingException(
          "nats.servers",
          "the addresses name different users; set nats.username and nats.password instead");
    }
    Optional<Path> credentials = settings.file(NatsCredentials.KEY);
    if (credentials.isPresent() && (password.isPresent() || user.isEmpty() && !users.isEmpty())) {
      throw new SettingException(
          NatsCredentials.KEY, "is set, but so are user and password or a token; remove one");
    }
    if (user.isPresent()) {
      options.userInfo(user.get(), password.orElse(""));
    } else {
      users.forEach(userInfo -> login(options, userInfo));
    }
    Optional<NatsCredentials.Login> login = credentials.map(NatsCredentials::read);
    login.ifPresent(options::authHandler);
    loginEnd = login.map(NatsCredentials.Login::expiry).orElse(null);
  }

  private static void login(Options.Builder options, String userInfo) {
    int colon = userInfo.indexOf(':');
    if (colon < 0) {
      options.token(userInfo.toCharArray());
    } else {
      options.userInfo(userInfo.substring(0, colon), userInfo.substring(colon + 1));
    }
  }

  /** Errors do not quote the value, because it may contain a password. */
  private static NatsUri parse(String item, String which) {
    try {
      NatsUri uri = new NatsUri(item);
      if (uri.getScheme().equals("opentls")) {
        throw new SettingException(
            "nats.servers",
            "address "
                + which
                + " disables the check of the server's certificate; use tls:// and nats.ca");
      }
      if (uri.getPort() < 1 || uri.getPort() > 65535) {
        throw new URISyntaxException("", "port");
      }
      return uri;
    } catch (SettingException e) {
      throw e;
    } catch (URISyntaxException | RuntimeException e) {
      throw new SettingException("nats.servers", "address " + which + " is malformed; " + EXAMPLE);
    }
  }

  private static NatsUri withoutUser(NatsUri uri) {
    String path = uri.getUri().getRawPath();
    try {
      return new NatsUri(
          uri.getScheme()
              + "://"
              + uri.getHost()
              + ":"
              + uri.getPort()
              + (path == null ? "" : path));
    } catch (URISyntaxException e) {
      throw new IllegalStateException("already parsed", e);
    }
  }

  /** Adds the cluster's servers, as one of them reported them. */
  void remember(Collection<String> servers) {
    discovered = servers;
  }

  String loginRefused() {
    boolean credentials = settings.find(NatsCredentials.KEY).isPresent();
    return "login refused; check "
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
          case "SSL required by server." -> " Use tls:// in nats.servers.";
          case "SSL connection wanted by client." ->
              " The server has no tls block; add one, or remove nats.ca and tls://.";
          default -> "";
        };
  }

  /**
   * The error for a connect timeout. A TLS 1.3 server refuses a certificate after the handshake,
   * and jnats then waits for a reply that never arrives.
   */
  private String unanswered() {
    return secure()
        ? "timed out: does the server require a client certificate, and does it accept this"
            + " device's"
            + TlsFault.look(CERTIFICATE)
            + "?"
        : "timed out";
  }

  /** The settings that name the files of TLS and of the login. */
  List<String> files() {
    return Stream.concat(tls.keys().stream(), Stream.of(NatsCredentials.KEY)).toList();
  }

  List<Expiry> expiries() {
    return Stream.concat(
            tls.expiries().stream(),
            Stream.of(new Expiry(NatsCredentials.KEY, true, () -> loginEnd)))
        .toList();
  }

  private boolean secure() {
    return addresses.stream().anyMatch(address -> SECURE.contains(address.getScheme()))
        || settings.find(CA).isPresent()
        || settings.find(CERTIFICATE).isPresent();
  }

  /**
   * Addresses, TLS, login and a socket that accepts any header; otherwise jnats' defaults.
   *
   * @throws SettingException if a setting or a file is invalid
   */
  public Options.Builder options() {
    Set<String> users = read();
    Set<String> all = new LinkedHashSet<>();
    addresses.forEach(address -> all.add(address.toString()));
    all.addAll(discovered);
    Options.Builder options =
        new Options.Builder()
            .servers(all.toArray(String[]::new))
            .dataPortType(ReadableHeadersPort.class.getName());
    login(options, users);
    if (secure()) {
      // If jnats resolves a name, it is no longer there to compare with the certificate's.
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
