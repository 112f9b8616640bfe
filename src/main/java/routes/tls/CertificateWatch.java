package routes.tls;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.micrometer.MicrometerUtils;
import org.apache.camel.support.service.ServiceSupport;
import routes.log.Loops;
import routes.settings.Settings;

/**
 * Watches the certificates and credentials of all connections: renews a connection whose files have
 * changed, publishes when each expires, and warns in time. Needs no thread if there are none.
 */
public final class CertificateWatch extends ServiceSupport {
  static final String NAME = "certificates";

  /** Tools replace files within a second; a change takes effect after one or two periods. */
  private static final long PERIOD_SECONDS = 5;

  private final CamelContext context;
  private final Supplier<List<? extends Renewable>> all;
  private List<WatchedFiles> files = List.of();
  private volatile ExpiryWarnings warnings;
  private ScheduledExecutorService thread;

  /**
   * @param all known when the context starts
   */
  public CertificateWatch(CamelContext context, Supplier<List<? extends Renewable>> all) {
    this.context = context;
    this.all = all;
  }

  @Override
  protected void doStart() {
    Settings settings = new Settings(context);
    List<? extends Renewable> owners =
        all.get().stream().filter(owner -> isUsed(settings, owner)).toList();
    if (owners.isEmpty() || !settings.readsCertificates()) {
      return;
    }
    List<Expiry> expiries = owners.stream().flatMap(owner -> owner.expiries().stream()).toList();
    bind(
        expiries,
        MicrometerUtils.getOrCreateMeterRegistry(
            context.getRegistry(), MicrometerConstants.METRICS_REGISTRY_NAME));
    warnings =
        new ExpiryWarnings(expiries, settings.duration("tls.warn-before"), Clock.systemUTC());
    files = owners.stream().map(owner -> new WatchedFiles(settings, owner)).toList();
    thread = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, NAME);
    thread.scheduleWithFixedDelay(
        Loops.step(NAME, this::look), 0, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  private static boolean isUsed(Settings settings, Renewable owner) {
    return owner.files().stream().anyMatch(key -> settings.find(key).isPresent())
        || owner.expiries().stream().anyMatch(expiry -> expiry.end().isPresent());
  }

  private void look() {
    files.forEach(WatchedFiles::look);
    warnings.log();
  }

  /** The gauge has no value while a server has presented no certificate yet. */
  static void bind(List<Expiry> expiries, MeterRegistry registry) {
    for (Expiry expiry : expiries) {
      Gauge.builder("certificate.expiry.timestamp", () -> seconds(expiry))
          .description(
              "When a certificate or credential in use expires, in seconds since 1970; .server is"
                  + " the certificate that the server presented")
          .baseUnit("seconds")
          .tag("name", expiry.name())
          .register(registry);
    }
  }

  private static double seconds(Expiry expiry) {
    return expiry.end().map(end -> (double) end.getEpochSecond()).orElse(Double.NaN);
  }

  /** What expires soon, one line each. */
  public List<String> warnings() {
    ExpiryWarnings known = warnings;
    return known == null ? List.of() : known.current();
  }

  @Override
  protected void doStop() {
    if (thread != null) {
      context.getExecutorServiceManager().shutdownNow(thread);
    }
  }
}
