package routes.host;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.impl.DefaultCamelContext;
import oshi.util.GlobalConfig;
import oshi.util.Memoizer;
import routes.sample.Device;
import routes.sample.NamePatterns;
import routes.sample.Sampler;
import routes.settings.Settings;
import routes.web.PrometheusScrape;

/** This host with the runtime's settings, but read again on every call. */
public final class FreshHost {
  private final PrometheusMeterRegistry meters = HostConfiguration.meters();
  private final PrometheusScrape scrape;
  private final Sampler sampler;

  public FreshHost() {
    // Set before Machine sets it, because OSHI reads it only once.
    GlobalConfig.set(GlobalConfig.OSHI_UTIL_MEMOIZER_EXPIRATION, 0);
    Memoizer.defaultExpiration();
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setLocation("classpath:application.properties");
    Settings settings = new Settings(context);
    AtomicLong seconds = new AtomicLong();
    HostMeters host =
        new HostMeters(
            HostConfiguration.families(new Machine(), settings),
            Duration.ofSeconds(5),
            () -> Duration.ofSeconds(seconds.incrementAndGet()).toNanos());
    host.bindTo(meters);
    scrape = new PrometheusScrape(meters, host);
    sampler =
        new Sampler(
                meters,
                host,
                new Device("edge-1", Map.of("site", "berlin")),
                new NamePatterns(List.of("*"), settings.list("collect.exclude")))
            .start();
  }

  public Map<String, Object> sample() {
    return sampler.sample();
  }

  public byte[] scrape() {
    return scrape.scrape().array();
  }

  /** Its meters, after a reading. */
  MeterRegistry meters() {
    scrape();
    scrape();
    return meters;
  }
}
