package routes.web;

import io.vertx.ext.auth.authentication.AuthenticationProvider;
import io.vertx.ext.web.handler.AuthenticationHandler;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Service;
import org.apache.camel.component.platform.http.main.DefaultMainHttpServerFactory;
import org.apache.camel.component.platform.http.main.MainHttpServer;
import org.apache.camel.component.platform.http.vertx.auth.AuthenticationConfig;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * Who can reach the HTTP port, and how: its address, users and TLS. Without users or TLS it listens
 * on this machine only, unless {@code http.insecure} permits more.
 */
public final class HttpAccess {
  private static final Logger LOG = LoggerFactory.getLogger("http");
  private static final String HOST = "http.host";
  private static final String INSECURE = "http.insecure";

  private final InetSocketAddress address;
  private final Optional<HttpUsers> users;
  private final HttpCertificate certificate;
  private final boolean encrypted;
  private final boolean insecure;

  /**
   * @throws SettingException for an invalid setting, and for an address that other machines can
   *     reach without a password or TLS
   */
  public HttpAccess(Settings settings) {
    address = address(settings);
    users = HttpUsers.of(settings);
    certificate = new HttpCertificate(settings);
    encrypted = settings.find(HttpCertificate.KEY).isPresent(); // check may not read the file
    insecure = settings.flag(INSECURE);
    if (isReachable() && users.isEmpty() && !encrypted && !insecure) {
      throw new SettingException(
          HOST,
          "other machines can reach "
              + address.getHostString()
              + "; set "
              + HttpUsers.KEY
              + " for a password, "
              + HttpCertificate.KEY
              + " for TLS, or "
              + INSECURE
              + " = true");
    }
  }

  private static InetSocketAddress address(Settings settings) {
    String host = settings.require(HOST, "an address of this machine, such as 127.0.0.1");
    InetSocketAddress address =
        new InetSocketAddress(host, settings.integer("http.port", 1, 65_535));
    if (address.isUnresolved()) {
      throw new SettingException(HOST, "\"" + host + "\" is not an address of this machine");
    }
    return address;
  }

  private boolean isReachable() {
    return !address.getAddress().isLoopbackAddress();
  }

  public InetSocketAddress address() {
    return address;
  }

  /** For example {@code https://127.0.0.1:8080}. */
  public String url() {
    String host = address.getHostString();
    return (encrypted ? "https://" : "http://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + address.getPort();
  }

  /** Makes the context's HTTP server require what the settings require, before it listens. */
  public void useIn(CamelContext context) {
    if (users.isPresent() && !encrypted && isReachable() && !insecure) {
      LOG.warn(
          "passwords cross the network unencrypted; set {}, or {} = true behind a TLS proxy",
          HttpCertificate.KEY,
          INSECURE);
    }
    certificate.useIn(context);
    context.getRegistry().bind("http-access", this);
    context.getRegistry().bind("http-server-factory", new Factory());
  }

  public static HttpAccess of(CamelContext context) {
    return context.getRegistry().lookupByNameAndType("http-access", HttpAccess.class);
  }

  /** Camel's server, with users and TLS. The management paths use the same server. */
  private final class Factory extends DefaultMainHttpServerFactory {
    @Override
    public Service newHttpServer(
        CamelContext context, HttpServerConfigurationProperties configuration) {
      MainHttpServer server = (MainHttpServer) super.newHttpServer(context, configuration);
      users.ifPresent(
          known -> {
            AuthenticationConfig authentication =
                server.getConfiguration().getAuthenticationConfig();
            authentication.getEntries().add(everything(new PasswordGuard(known)));
            authentication.setEnabled(true);
          });
      certificate.parameters().ifPresent(server::setSslContextParameters);
      return server;
    }
  }

  private static AuthenticationConfig.AuthenticationConfigEntry everything(PasswordGuard guard) {
    AuthenticationConfig.AuthenticationConfigEntry entry =
        new AuthenticationConfig.AuthenticationConfigEntry();
    entry.setPath("/*");
    entry.setAuthenticationProviderFactory(vertx -> null);
    entry.setAuthenticationHandlerFactory(
        new AuthenticationConfig.AuthenticationHandlerFactory() {
          @Override
          public <T extends AuthenticationProvider>
              AuthenticationHandler createAuthenticationHandler(T none) {
            return guard;
          }
        });
    return entry;
  }
}
