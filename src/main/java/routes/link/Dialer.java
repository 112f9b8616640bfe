package routes.link;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import routes.link.Failure.Kind;
import routes.log.Loops;

/**
 * Opens connections. Before each one it reads the credential, the TLS files and the addresses of
 * the host or its proxy. This may block, so it happens off the event loop.
 */
final class Dialer {
  private static final String NAME = "mqtt-connect";

  private static final Executor BLOCKING =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          5,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          new DefaultThreadFactory(NAME, true));

  /**
   * What a connection needs.
   *
   * @param tls null without TLS
   * @param proxy null without a proxy
   */
  record Prepared(
      Credential credential, SSLContext tls, Proxy.Login proxy, InetAddress[] addresses) {}

  private final ConnectionSettings settings;
  private final Supplier<Credential> credentials;

  Dialer(ConnectionSettings settings, Supplier<Credential> credentials) {
    this.settings = settings;
    this.credentials = credentials;
  }

  /** Calls one of the two callbacks on the event loop. */
  void prepare(Consumer<Prepared> ready, Consumer<Failure> failed) {
    BLOCKING.execute(
        () -> {
          try {
            Prepared prepared = prepare();
            LinkLoop.execute(() -> ready.accept(prepared));
          } catch (Failure e) {
            LinkLoop.execute(() -> failed.accept(e));
          } catch (Error e) {
            Loops.failed(NAME, e);
            LinkLoop.execute(() -> failed.accept(new Failure(Kind.UNREACHABLE, e.toString(), e)));
          }
        });
  }

  private Prepared prepare() throws Failure {
    Credential credential;
    try {
      credential = credentials.get();
    } catch (RuntimeException e) {
      // For example a file with invalid content, or an expired token.
      throw new Failure(Kind.REFUSED, "refused: no credential: " + e.getMessage(), e);
    }
    String host = settings.policy().proxy().map(Proxy::host).orElse(settings.url().host());
    try {
      return new Prepared(
          credential,
          settings.url().scheme().tls ? settings.tls().get() : null,
          settings.policy().proxy().map(proxy -> proxy.login().get()).orElse(null),
          InetAddress.getAllByName(host));
    } catch (UnknownHostException | RuntimeException e) {
      throw new Reasons(settings).of(e);
    }
  }

  void open(Prepared prepared, Session session) {
    new Transport(settings, prepared, BLOCKING).open(session);
  }
}
