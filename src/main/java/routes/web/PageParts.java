package routes.web;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.Registry;
import routes.bus.Bus;
import routes.jetstream.NewestDeadLetters;
import routes.log.RecentWarnings;
import routes.sample.Device;
import routes.sample.Sampler;
import routes.settings.Settings;

/** Builds the page and its events when they are first needed. */
final class PageParts {
  private static final long EVENTS_MILLIS = 1_000;

  private final CamelContext context;
  private final RouteCounts counts;
  private final PageFiles files;
  private final Assets assets;
  private final Served served;
  private final Set<VertxPlatformHttpRouter> routers = new HashSet<>();
  private DeadLettersSection dead;
  private List<Section> sections;

  PageParts(CamelContext context, RouteCounts counts) {
    this.context = context;
    this.counts = counts;
    this.files = new PageFiles(context);
    this.assets = new Assets(files);
    this.served = new Served(context);
  }

  synchronized Page page() {
    build();
    Sampler sampler = context.getRegistry().findSingleByType(Sampler.class);
    return new Page(sections, new Charts(sampler), dead, files, assets.version(), served);
  }

  /** Adds the paths that the page loads, once: Camel reports the start of each route. */
  synchronized void serveFrom(VertxPlatformHttpRouter router) {
    if (!routers.add(router)) {
      return;
    }
    build();
    assets.serveFrom(router);
    new Events(router.vertx(), EVENTS_MILLIS, sections, dead::refresh).serveFrom(router);
    SlowReaders.closeOn(router, "/api/history");
  }

  private void build() {
    if (sections != null) {
      return;
    }
    Registry registry = context.getRegistry();
    Sampler sampler = registry.findSingleByType(Sampler.class);
    Bus bus = registry.lookupByNameAndType("bus", Bus.class);
    GatewayStatus gateways = registry.lookupByNameAndType("gateways", GatewayStatus.class);
    MeterRegistry meters = registry.findSingleByType(MeterRegistry.class);
    dead = new DeadLettersSection(new NewestDeadLetters(bus));
    sections =
        List.of(
            new StatusSection(context, Device.of(new Settings(context)), sampler, meters, served),
            new GatewaysSection(context, gateways, dead::waits),
            new FlowSection(context, bus, counts),
            dead,
            new WarningsSection(RecentWarnings::areKept),
            new SampleSection(sampler, served));
  }
}
