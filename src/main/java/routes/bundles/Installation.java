package routes.bundles;

import static routes.bundles.Rollout.LOG;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import routes.bundles.BundleState.Phase;
import routes.uplink.Backoff;

/**
 * Puts an offered bundle in use: downloads and checks it, replaces the routes, and returns to the
 * previous bundle if the new one does not prove itself. Reports each step.
 */
final class Installation {
  /** A start counts as successful after this time. */
  private static final Duration SETTLED = Duration.ofSeconds(60);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofMinutes(10);

  private final BundleFolder folder;
  private final BundleCheck check;
  private final BundleRoutes routes;
  private final Probation probation;
  private final Download download;
  private final Report report;
  private final Offers offers;
  private final long start = System.nanoTime();

  /**
   * @param offers where a newer offer may arrive meanwhile
   */
  Installation(
      BundleFolder folder,
      BundleCheck check,
      BundleRoutes routes,
      Probation probation,
      Download download,
      Report report,
      Offers offers) {
    this.folder = folder;
    this.check = check;
    this.routes = routes;
    this.probation = probation;
    this.download = download;
    this.report = report;
    this.offers = offers;
  }

  /** After a start: continues an interrupted probation. */
  void resume() throws IOException, InterruptedException {
    BundleState state = folder.state();
    if (state.phase() == Phase.PROBATION) {
      prove(state);
    }
  }

  /**
   * Counts the start as successful once the process has run for a minute.
   *
   * @return false if an offer arrives before
   */
  boolean settle() throws IOException, InterruptedException {
    if (folder.state().starts() > 0) {
      if (offers.arriveWithin(SETTLED.minusNanos(System.nanoTime() - start))) {
        return false;
      }
      settleIfDue();
    }
    return true;
  }

  private void settleIfDue() throws IOException {
    BundleState state = folder.state();
    boolean due = System.nanoTime() - start >= SETTLED.toNanos();
    if (due && state.starts() > 0 && state.phase() != Phase.PROBATION) {
      folder.write(state.started(0));
    }
  }

  /**
   * @throws IOException if the device cannot store it
   */
  void install(Offer offer) throws IOException, InterruptedException {
    BundleState state = folder.state();
    int version = offer.version();
    if (version == state.highest()) {
      reportState(
          null); // a cloud repeats its offer at each connect; nothing is sent if it is known
      return;
    }
    if (version < state.highest()) {
      reject(
          "an offer was rejected: version %d is older than version %d; use a higher one"
              .formatted(version, state.highest()));
      return;
    }
    try {
      if (!fetch(offer, state)) {
        return; // a newer offer has arrived
      }
      report.send("checking", version, state.current(), null);
      check.check(version);
    } catch (BundleException e) {
      LOG.warn("routes from the cloud: version {} rejected: {}", version, e.getMessage());
      end(folder.state().rejected(version, e.getMessage()));
      return;
    }
    use(version, state);
  }

  /**
   * Reports an offer that changes nothing. The version stays that of the state, because what was
   * offered may be forged, or come from the second of two clouds.
   */
  void reject(String why) {
    LOG.warn("routes from the cloud: {}", why);
    reportState(why);
  }

  /**
   * @param rejection why another offer was rejected; null for the error of the state itself
   */
  void reportState(String rejection) {
    try {
      BundleState state = folder.state();
      String error = rejection == null ? state.error() : rejection;
      report.send(state.phase().text(), state.highest(), state.current(), error);
    } catch (IOException e) {
      LOG.warn("data.directory: {}", e.toString());
    }
  }

  /**
   * Repeats the download until it succeeds.
   *
   * @return false if a newer offer has arrived
   */
  private boolean fetch(Offer offer, BundleState state)
      throws IOException, BundleException, InterruptedException {
    Path file = folder.download(offer.sha256());
    Backoff backoff = new Backoff(FIRST_RETRY, LAST_RETRY);
    String failure = null;
    for (boolean again = true; again; ) {
      report.send("downloading", offer.version(), state.current(), failure);
      settleIfDue();
      try {
        download.fetch(offer, file);
        again = false;
      } catch (IOException | RuntimeException e) {
        String why = offer.place() + " cannot be downloaded: " + Download.reason(e, offer);
        if (!why.equals(failure)) {
          LOG.warn("routes from the cloud: {}", why);
        }
        failure = why;
        if (offers.arriveWithin(backoff.next())) {
          return false;
        }
      }
    }
    try {
      folder.unpack(file, offer.version());
    } finally {
      Files.deleteIfExists(file);
    }
    return true;
  }

  private void use(int version, BundleState before) throws IOException, InterruptedException {
    BundleState state = before.probation(version, probation.up());
    folder.write(state);
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
    report.send(state);
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
    // The routes first: they must stop even if the disk is full.
    try {
      routes.swap(state.current(), state.previous());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError e) {
      LOG.error("routes from the cloud: the previous version failed too; restart", e);
    }
    end(state.rolledBack(why));
  }

  private void end(BundleState state) throws IOException {
    folder.write(state);
    folder.clean();
    report.send(state);
  }
}
