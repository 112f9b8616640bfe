package routes.bundles;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bundles.BundleState.Phase;
import routes.bus.Bus;
import routes.bus.BusObjects;
import routes.bus.BusPublisher;
import routes.bus.BusSubscription;
import routes.host.Inventory;
import routes.log.Loops;
import routes.settings.Settings;
import routes.tls.TlsFiles;
import routes.uplink.Backoff;
import routes.uplink.Json;

/**
 * Puts the bundle in use that the desired property {@code routes} offers: downloads, verifies and
 * checks it, replaces the routes, and returns to the previous bundle if the new one does not prove
 * itself. The part {@code routes} of the inventory reports each step to the clouds. One thread,
 * only while there is something to do.
 */
public final class Rollout extends ServiceSupport {
  private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

  /** A start counts as successful after this time. */
  private static final Duration SETTLED = Duration.ofSeconds(60);

  private final CamelContext context;
  private final TrustedKey key;
  private final BundleFolder folder;
  private final BundleCheck check;
  private final BundleRoutes routes;
  private final Probation probation;
  private final String device;
  private final Settings settings;
  private Bus bus;
  private BusPublisher publisher;
  private BusSubscription desired;
  private Thread worker;
  private Offer next;
  private boolean resumed;
  private volatile Map<String, Object> report = Map.of();

  /**
   * @param main the class with the commands check and test
   */
  public Rollout(CamelContext context, TrustedKey key, String main) {
    this.context = context;
    this.key = key;
    this.settings = new Settings(context);
    this.folder = BundleFolder.of(settings);
    Path directory = Path.of(settings.require("routes.directory", "a folder"));
    this.check = new BundleCheck(directory, folder, BundleCheck.ownCommand(main));
    this.routes = new BundleRoutes(context, folder);
    this.probation = new Probation(context, settings.duration("routes.probation"));
    this.device = settings.require("device.id", "this device's id");
  }

  @Override
  protected void doStart() throws Exception {
    bus = context.getRegistry().lookupByNameAndType("bus", Bus.class);
    publisher = new BusPublisher(context);
    inventory().add("routes", () -> report);
    BundleState state = folder.state();
    report(state.phase().text(), state.highest(), state.current(), state.error());
    folder.clean();
    desired = new BusSubscription(bus, "desired." + device, this::desired);
    if (state.current() > 0) {
      work();
    }
  }

  @Override
  protected void doStop() throws Exception {
    Thread last;
    synchronized (this) {
      desired.close();
      last = worker;
    }
    if (last != null) {
      last.interrupt();
      last.join(TimeUnit.SECONDS.toMillis(5));
    }
  }

  private Inventory inventory() {
    return context.getRegistry().lookupByNameAndType("inventory", Inventory.class);
  }

  /** A desired state; other properties are none of its business. */
  private void desired(byte[] payload) {
    JsonNode offered = Json.read(payload).map(json -> json.path("routes")).orElse(null);
    if (offered == null || offered.isMissingNode() || offered.isNull()) {
      return;
    }
    try {
      Offer offer = Offer.of(offered);
      key.verify(offer);
      synchronized (this) {
        next = offer;
        notifyAll();
      }
      work();
    } catch (BundleException e) {
      // Not stored: a forged offer must not change what is accepted later.
      LOG.warn("routes from the cloud rejected: {}", e.getMessage());
      report(Phase.REJECTED.text(), offered.path("version").asInt(), used(), e.getMessage());
      publish();
    }
  }

  private int used() {
    return (Integer) report.getOrDefault("current", 0);
  }

  private synchronized void work() {
    if (worker == null && isStartingOrStarted()) {
      worker =
          context
              .getExecutorServiceManager()
              .newThread("routes from the cloud", Loops.step("routes from the cloud", this::run));
      worker.start();
    }
  }

  private void run() {
    try {
      if (!resumed) {
        resumed = true;
        afterStart();
      }
      for (Offer offer; (offer = take()) != null; ) {
        handle(offer);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped
    } catch (IOException e) {
      LOG.error("data.directory: the bundles cannot be stored", e);
      report(Phase.REJECTED.text(), used(), used(), "the device cannot store it: " + e);
      publish();
    } finally {
      done();
    }
  }

  private synchronized Offer take() {
    Offer offer = next;
    next = null;
    if (offer == null) {
      worker = null;
    }
    return offer;
  }

  /** After a failure a thread may be left, and an offer that came too late for it. */
  private synchronized void done() {
    if (worker == Thread.currentThread()) {
      worker = null;
      if (next != null) {
        work();
      }
    }
  }

  /** Waits for a newer offer. */
  private synchronized boolean isReplacedWithin(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left; next == null && (left = end - System.nanoTime()) > 0; ) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return next != null;
  }

  /** After a start: continues an interrupted probation, and counts the start as successful. */
  private void afterStart() throws IOException, InterruptedException {
    BundleState state = folder.state();
    if (state.phase() == Phase.PROBATION) {
      prove(state);
    } else if (state.current() > 0) {
      if (!isReplacedWithin(SETTLED)) {
        folder.write(state.started(0));
      }
    }
  }

  private void handle(Offer offer) throws IOException, InterruptedException {
    BundleState state = folder.state();
    int version = offer.version();
    if (version == state.highest()) {
      report(state.phase().text(), version, state.current(), state.error());
      publish();
      return;
    }
    if (version < state.highest()) {
      String why = "version " + version + " is older than version " + state.highest();
      LOG.warn("routes from the cloud rejected: {}", why);
      report(Phase.REJECTED.text(), version, state.current(), why);
      publish();
      return;
    }
    try {
      if (!download(offer, state)) {
        return; // a newer offer has arrived
      }
      report("checking", version, state.current(), null);
      check.check(version);
    } catch (BundleException e) {
      LOG.warn("routes from the cloud: version {} rejected: {}", version, e.getMessage());
      end(state.rejected(version, e.getMessage()));
      return;
    }
    put(version, state);
  }

  /**
   * Repeats the download until it succeeds.
   *
   * @return false if a newer offer has arrived
   */
  private boolean download(Offer offer, BundleState state)
      throws IOException, BundleException, InterruptedException {
    TlsFiles tls = new TlsFiles(settings, "routes.ca", null, null);
    Path file = folder.download(offer.sha256());
    Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(10));
    String failure = null;
    while (true) {
      report("downloading", offer.version(), state.current(), failure);
      publish();
      try {
        new Download(tls.get(), new BusObjects(bus)).fetch(offer, file);
        break;
      } catch (IOException | RuntimeException e) {
        String why = e.getMessage() == null ? e.toString() : e.getMessage();
        if (!why.equals(failure)) {
          LOG.warn("routes from the cloud: {} cannot be downloaded: {}", offer.url(), why);
        }
        failure = why;
      }
      if (isReplacedWithin(backoff.next())) {
        return false;
      }
    }
    try {
      folder.unpack(file, offer.version());
    } finally {
      Files.deleteIfExists(file);
    }
    return true;
  }

  private void put(int version, BundleState before) throws IOException, InterruptedException {
    BundleState state = before.probation(version, probation.up());
    folder.write(state);
    report(Phase.PROBATION.text(), version, version, null);
    try {
      routes.swap(before.current(), version);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError e) {
      rollBack(state, e.getMessage() == null ? e.toString() : e.getMessage());
      return;
    }
    LOG.info(
        "routes from the cloud: version {} in place of version {}, on probation",
        version,
        before.current());
    publish();
    prove(state);
  }

  private void prove(BundleState state) throws IOException, InterruptedException {
    try {
      probation.watch(state.up(), routes.ids(state.current()));
    } catch (BundleException e) {
      rollBack(state, e.getMessage());
      return;
    }
    LOG.info("routes from the cloud: version {} accepted", state.current());
    end(state.accepted());
  }

  private void rollBack(BundleState state, String why) throws IOException, InterruptedException {
    LOG.warn(
        "routes from the cloud: version {} failed, back to version {}: {}",
        state.current(),
        state.previous(),
        why);
    BundleState back = state.rolledBack(why);
    folder.write(back);
    try {
      routes.swap(state.current(), state.previous());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError e) {
      LOG.error("routes from the cloud: the previous version failed too; restart", e);
    }
    end(back);
  }

  private void end(BundleState state) throws IOException {
    folder.write(state);
    folder.clean();
    report(state.phase().text(), state.highest(), state.current(), state.error());
    publish();
  }

  private void report(String phase, int version, int current, String error) {
    Map<String, Object> part = new LinkedHashMap<>();
    part.put("version", version);
    part.put("phase", phase);
    part.put("current", current);
    part.put("error", error); // null removes an earlier one from a twin or shadow
    report = part;
  }

  /** Sends the report at once; the next inventory repeats it. */
  private void publish() {
    publisher.publish("inventory." + device, Json.write(inventory().inventory()));
  }
}
