package routes.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server that a known CA vouches for if its certificate is for the host that was asked for
 * (RFC 9110, 4.3.4), whether or not the library that connects asks the JDK for that: jnats doesn't.
 */
final class HostNameCheck extends X509ExtendedTrustManager {
  private static final String RULES = "HTTPS";

  private final X509ExtendedTrustManager known;
  private final boolean names;

  /**
   * @param known looks for the CA
   * @param names false to take a certificate for any other host too
   */
  HostNameCheck(X509ExtendedTrustManager known, boolean names) {
    this.known = known;
    this.names = names;
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
  }

  private static SSLParameters withRules(SSLParameters parameters) {
    parameters.setEndpointIdentificationAlgorithm(RULES);
    return parameters;
  }

  /** The JDK doesn't ask so of an extended trust manager. */
  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("the host isn't known");
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
