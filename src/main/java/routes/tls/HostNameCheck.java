package routes.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server if its certificate comes from a known CA and is valid for the requested host (RFC
 * 9110, 4.3.4). The check does not depend on the library that connects: jnats does not request it
 * from the JDK.
 */
final class HostNameCheck extends X509ExtendedTrustManager {
  private static final String RULES = "HTTPS";

  private final X509ExtendedTrustManager known;
  private final boolean names;
  private final Consumer<X509Certificate> presented;

  /**
   * @param known checks the CA
   * @param names false to accept a certificate for any host
   * @param presented takes the certificate of each trusted server
   */
  HostNameCheck(
      X509ExtendedTrustManager known, boolean names, Consumer<X509Certificate> presented) {
    this.known = known;
    this.names = names;
    this.presented = presented;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    if (names) {
      SSLSocket tls = (SSLSocket) socket;
      tls.setSSLParameters(withRules(tls.getSSLParameters()));
      known.checkServerTrusted(chain, type, socket);
    } else {
      known.checkServerTrusted(chain, type);
    }
    presented.accept(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    if (names) {
      engine.setSSLParameters(withRules(engine.getSSLParameters()));
      known.checkServerTrusted(chain, type, engine);
    } else {
      known.checkServerTrusted(chain, type);
    }
    presented.accept(chain[0]);
  }

  private static SSLParameters withRules(SSLParameters parameters) {
    parameters.setEndpointIdentificationAlgorithm(RULES);
    return parameters;
  }

  /** The JDK does not call this on an extended trust manager. */
  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("the host is unknown");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("nothing here is a TLS server");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return known.getAcceptedIssuers();
  }
}
