package routes.web;

import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import routes.tls.CertificateWatch;

/** Always UP, with a message about certificates that expire soon: they still work. */
public final class CertificatesHealthCheck extends AbstractHealthCheck {
  private final CertificateWatch watch;

  public CertificatesHealthCheck(CertificateWatch watch) {
    super("cloud-iot-routes", "certificates");
    this.watch = watch;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    List<String> warnings = watch.warnings();
    if (!warnings.isEmpty()) {
      builder.message(String.join(", ", warnings));
    }
    builder.up();
  }
}
