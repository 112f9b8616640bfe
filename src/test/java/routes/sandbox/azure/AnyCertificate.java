package routes.sandbox.azure;

import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/** Accepts every client certificate in the handshake. The hub checks it at CONNECT. */
final class AnyCertificate implements X509TrustManager {
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) {
    throw new UnsupportedOperationException();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
