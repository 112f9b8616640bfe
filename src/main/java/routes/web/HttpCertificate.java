package routes.web;

import io.vertx.core.http.HttpServer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SSLOptions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.support.jsse.KeyManagersParameters;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.Settings;
import routes.tls.Expiry;
import routes.tls.Renewable;
import routes.tls.TlsFiles;

/** The certificate of the HTTP port, if it has one. */
final class HttpCertificate implements Renewable {
  static final String KEY = "http.certificate";

  private static final Logger LOG = LoggerFactory.getLogger("http");

  private final TlsFiles files;
  private final Optional<KeyStore> identity;
  private CamelContext context;

  /**
   * @throws routes.settings.SettingException for a file with missing or invalid content
   */
  HttpCertificate(Settings settings) {
    files = new TlsFiles(settings, null, KEY, "http.private-key");
    identity = files.identity();
  }

  void useIn(CamelContext runtime) {
    context = runtime;
    runtime.getRegistry().bind("http-certificate", this);
  }

  /** TLS for Camel's server; empty without a certificate. */
  Optional<SSLContextParameters> parameters() {
    return identity.map(HttpCertificate::parameters);
  }

  /** Camel's parameters can name only files of a key store, so this passes a loaded one. */
  private static SSLContextParameters parameters(KeyStore identity) {
    KeyStoreParameters store =
        new KeyStoreParameters() {
          @Override
          public KeyStore createKeyStore() {
            return identity;
          }
        };
    KeyManagersParameters keys = new KeyManagersParameters();
    keys.setKeyStore(store);
    keys.setKeyPassword("");
    // required by Vert.x, though no client certificate is requested
    TrustManagersParameters trust = new TrustManagersParameters();
    trust.setKeyStore(store);
    SSLContextParameters tls = new SSLContextParameters();
    tls.setKeyManagers(keys);
    tls.setTrustManagers(trust);
    return tls;
  }

  @Override
  public List<String> files() {
    return files.keys();
  }

  @Override
  public List<Expiry> expiries() {
    return files.expiries();
  }

  @Override
  public void check() {
    files.identity();
  }

  /** New connections get the new certificate; open ones, such as a page's events, stay open. */
  @Override
  public void renew() {
    HttpServer server = context.hasService(VertxPlatformHttpServer.class).getServer();
    files
        .identity()
        .map(store -> new SSLOptions().setKeyCertOptions(KeyCertOptions.wrap(keys(store))))
        .ifPresent(
            options ->
                server
                    .updateSSLOptions(options, true)
                    .onFailure(e -> LOG.warn("{} is not renewed: {}", KEY, e.toString())));
  }

  private static KeyManagerFactory keys(KeyStore store) {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      return keys;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot set up the JDK's TLS", e);
    }
  }
}
