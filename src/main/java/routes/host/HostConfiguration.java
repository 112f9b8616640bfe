package routes.host;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.spi.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.host.ContainerMetrics.Container;
import routes.sample.Device;
import routes.sample.NamePatterns;
import routes.sample.Sampler;
import routes.settings.Settings;

/**
 * Binds the beans with which routes read this host: {@code metricsRegistry}, in which {@code
 * micrometer:} endpoints also create meters, {@code hostMeters}, {@code sampler} and {@code
 * inventory}.
 */
public final class HostConfiguration implements CamelConfiguration {
  /** Long enough for a machine under load; a reading that takes longer counts as hanging. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** Bytes, with the flags of jvm.options. */
  private static final long LEAST_MEMORY = 128L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(HostConfiguration.class);

  /**
   * Warns about a low memory limit. Runs before anything large is loaded, because the kernel kills
   * a process that reaches its limit without a message.
   */
  public static void checkMemory() {
    checkMemory(new Machine().container());
  }

  static void checkMemory(Container container) {
    try {
      double limit = container.memoryLimit();
      if (limit < LEAST_MEMORY) {
        LOG.warn(
            "this container's memory limit of {} MB is too low: the runtime uses up to {} MB and"
                + " the kernel may kill it at any time; raise the limit (--memory 160m)",
            (long) limit >> 20,
            LEAST_MEMORY >> 20);
      }
    } catch (IOException | RuntimeException e) {
      // reported by the container's meters
    }
  }

  @Override
  public void configure(CamelContext context) {
    Settings settings = new Settings(context);
    Machine machine = new Machine(Path.of(settings.require("host.root", "a folder")));
    Device device = Device.of(settings);
    PrometheusMeterRegistry meters = meters();
    HostMeters host = new HostMeters(families(machine, settings), LIMIT, System::nanoTime);
    host.bindTo(meters);
    Registry registry = context.getRegistry();
    registry.bind(MicrometerConstants.METRICS_REGISTRY_NAME, meters);
    registry.bind("hostMeters", host);
    registry.bind(
        "sampler",
        new Sampler(
                meters,
                host,
                device,
                MeterNames.of(settings.list("collect.include"), settings.list("collect.exclude")))
            .start());
    registry.bind(
        "inventory",
        new Inventory(machine, device, patterns(settings, "disk"), patterns(settings, "network")));
    if (context.isAutoStartup()) {
      // While Camel starts: the first reading opens OSHI, and utilization is relative to it.
      CompletableFuture.runAsync(() -> host.reading(() -> null));
    }
  }

  static PrometheusMeterRegistry meters() {
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(meters);
    new JvmGcMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    return meters;
  }

  static List<MeterFamily> families(Machine machine, Settings settings) {
    CpuWindow window = new CpuWindow(() -> settings.duration("collect.period"), System::nanoTime);
    return List.of(
        new CpuMetrics(machine.processors(), machine.frequency(), window),
        new MemoryMetrics(machine.memory()),
        new PagingMetrics(machine.swap()),
        new FilesystemMetrics(machine.mounts(patterns(settings, "filesystem"))),
        new DiskMetrics(machine.disks(), patterns(settings, "disk")),
        new NetworkMetrics(machine.interfaces(), patterns(settings, "network")),
        new ProcessMetrics(machine.processes()),
        new UptimeMetrics(machine.uptime()),
        new SensorMetrics(machine.sensors()),
        new BatteryMetrics(machine.batteries()),
        new ContainerMetrics(machine.container()));
  }

  private static NamePatterns patterns(Settings settings, String what) {
    return new NamePatterns(settings.list(what + ".include"), settings.list(what + ".exclude"));
  }
}
