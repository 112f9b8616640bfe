package routes.bus;

import io.nats.client.Options;
import io.nats.client.support.NatsUri;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import routes.SettingException;
import routes.Settings;

/**
 * Where NATS is and who this process is there: the settings {@code nats.*}, checked. User and
 * password are taken out of the addresses, so that no log and no error can show them.
 */
final class BusServers {
  private static final String SHOULD =
      "it should be one such as nats://localhost:4222, several with commas between";

  private final List<NatsUri> addresses = new ArrayList<>();
  private volatile Collection<String> discovered = List.of();
  private String user;
  private String secret;

  private BusServers() {}

  /**
   * @throws SettingException if an address is malformed or users contradict each other
   */
  static BusServers of(Settings settings) {
    BusServers servers = new BusServers();
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
    return servers;
  }

  /** The value stays out of the message: it may hold a password. */
  private String add(String item, String which) {
    try {
      NatsUri uri = new NatsUri(item);
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
    } catch (URISyntaxException | RuntimeException e) {
      throw new SettingException("nats.servers", "address " + which + " is malformed: " + SHOULD);
    }
  }

  private void login(String userInfo) {
    int colon = userInfo.indexOf(':');
    user = colon < 0 ? null : userInfo.substring(0, colon);
    secret = userInfo.substring(colon + 1);
  }

  /** Takes note of all servers of a cluster, as one of them named them. */
  void remember(Collection<String> servers) {
    discovered = servers;
  }

  /** Addresses and login; everything else is as jnats has it. */
  Options.Builder options() {
    Set<String> all = new LinkedHashSet<>();
    addresses.forEach(address -> all.add(address.toString()));
    all.addAll(discovered);
    Options.Builder options = new Options.Builder().servers(all.toArray(String[]::new));
    if (user != null) {
      options.userInfo(user, secret == null ? "" : secret);
    } else if (secret != null) {
      options.token(secret.toCharArray());
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
