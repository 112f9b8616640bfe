package routes.bundles;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.Bus;
import routes.bus.BusObjects;
import routes.bus.BusPublisher;
import routes.bus.BusSubscription;
import routes.host.Inventory;
import routes.log.Loops;
import routes.settings.Settings;
import routes.tls.TlsFiles;
import routes.uplink.Json;

/**
 * Receives offers of bundles, the desired property {@code routes}, and installs those that are
 * signed. One thread, only while there is something to do.
 */
public final class Rollout extends ServiceSupport {
  static final Logger LOG = LoggerFactory.getLogger(Rollout.class);
  private static final Duration PAUSE = Duration.ofMinutes(10);
  private static final String THREAD = "routes from the cloud";

  private final CamelContext context;
  private final TrustedKey key;
  private final CheckRun check;
  private final Offers offers = new Offers();
  private BundleFolder folder;
  private Report report;
  private Installation installation;
  private BusSubscription desired;
  private Thread worker;
  private boolean resumed;

  /**
   * @param check runs the commands check and test
   */
  public Rollout(CamelContext context, TrustedKey key, CheckRun check) {
    this.context = context;
    this.key = key;
    this.check = check;
  }

  @Override
  protected void doStart() throws Exception {
    Settings settings = new Settings(context);
    String device = settings.require("device.id", "this device's id");
    Bus bus = context.getRegistry().lookupByNameAndType("bus", Bus.class);
    folder = BundleFolder.of(settings);
    try {
      folder.clean();
    } catch (IOException e) {
      LOG.warn("data.directory: {}", e.toString()); // the bundle in use needs no space
    }
    report =
        new Report(
            context.getRegistry().lookupByNameAndType("inventory", Inventory.class),
            new BusPublisher(context),
            device);
    installation =
        new Installation(
            folder,
            new BundleCheck(settings, folder, check),
            new BundleRoutes(context, folder),
            new Probation(context, settings.duration("routes.probation")),
            new Download(new TlsFiles(settings, "routes.ca", null, null), new BusObjects(bus)),
            report,
            offers);
    report.start(folder.state());
    desired = new BusSubscription(bus, "desired." + device, this::desired);
    if (folder.state().current() > 0) {
      work();
    }
  }

  @Override
  protected void doStop() throws Exception {
    Thread last;
    synchronized (this) {
      if (desired != null) {
        desired.close();
      }
      last = worker;
    }
    if (last != null) {
      last.interrupt();
      last.join(TimeUnit.SECONDS.toMillis(5));
    }
    BundleState state = folder == null ? BundleState.NONE : folder.state();
    if (state.starts() > 0 && state.phase() != BundleState.Phase.PROBATION) {
      folder.write(state.started(0)); // the process did not fail
    }
  }

  /** A desired state; its other properties are for other programs. */
  private void desired(byte[] payload) {
    JsonNode offered = Json.read(payload).map(json -> json.path("routes")).orElse(null);
    if (offered == null || offered.isMissingNode()) {
      return;
    }
    if (offered.isNull()) {
      withdrawn();
      return;
    }
    try {
      Offer offer = Offer.of(offered);
      key.verify(offer);
      offers.add(offer);
      work();
    } catch (BundleException e) {
      // Not stored: a forged offer must not change what is accepted later.
      installation.reject("an offer was rejected: " + e.getMessage());
    }
  }

  /** What is in progress reports its own end. */
  private synchronized void withdrawn() {
    if (worker == null) {
      installation.reportState(null);
    }
  }

  private synchronized void work() {
    if (worker == null && isStartingOrStarted()) {
      worker = context.getExecutorServiceManager().newThread(THREAD, Loops.step(THREAD, this::run));
      worker.start();
    }
  }

  private void run() {
    try {
      if (!resumed) {
        resumed = true;
        installation.resume();
      }
      do {
        for (Offer offer; (offer = offers.take()) != null; ) {
          install(offer);
        }
      } while (!installation.settle());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped
    } catch (IOException e) {
      LOG.error("data.directory: the bundle of routes cannot be stored", e);
    } finally {
      done();
    }
  }

  /** What fails for a reason outside the bundle waits, and is tried again when offered again. */
  private void install(Offer offer) throws InterruptedException {
    try {
      installation.install(offer);
    } catch (IOException e) {
      installation.reject("version " + offer.version() + " was not installed: " + e.getMessage());
      offers.arriveWithin(PAUSE);
    }
  }

  private synchronized void done() {
    worker = null;
    if (!offers.isEmpty()) {
      work(); // it came too late for this thread
    }
  }
}
