package routes.tls;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** Registers the meter of certificates and credentials. */
public final class EveryCertificateMeter {
  private EveryCertificateMeter() {}

  public static void register(MeterRegistry registry) {
    CertificateWatch.bind(List.of(new Expiry("mqtt.certificate", true, () -> null)), registry);
  }
}
