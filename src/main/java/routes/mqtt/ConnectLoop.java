package routes.mqtt;

import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import routes.Backoff;
import routes.mqtt.Failure.Kind;

/**
 * Connects, holds the connection, and connects anew, until it is interrupted.
 *
 * @param <M> the library's message
 */
final class ConnectLoop<M> implements Runnable {
  private static final Duration FAREWELL = Duration.ofSeconds(1);
  private static final Failure STOPPED = new Failure(Kind.UNREACHABLE, "stopped");

  private final ConnectionSettings settings;
  private final ConnectionPolicy policy;
  private final Supplier<Credential> credentials;
  private final LiveLink.Maker<M> links;
  private final Subscriptions<M> subscriptions;
  private final UplinkState state;
  private final UplinkMeters meters;
  private final Logger log;
  private final OutageLog outages;
  private volatile LiveLink<M> live;
  private volatile boolean stopped;

  /**
   * @param credentials asked before each CONNECT
   * @param state told of every change
   */
  ConnectLoop(
      ConnectionSettings settings,
      Supplier<Credential> credentials,
      LiveLink.Maker<M> links,
      Subscriptions<M> subscriptions,
      UplinkState state,
      UplinkMeters meters,
      Logger log) {
    this.settings = settings;
    this.policy = settings.policy();
    this.credentials = credentials;
    this.links = links;
    this.subscriptions = subscriptions;
    this.state = state;
    this.meters = meters;
    this.log = log;
    this.outages = new OutageLog(log);
  }

  @Override
  public void run() {
    Backoff backoff = new Backoff(policy.reconnectMin(), policy.reconnectMax());
    try {
      while (!stopped) {
        Duration pause = connectAndHold(backoff);
        if (!stopped) {
          Thread.sleep(pause.toMillis());
        }
      }
    } catch (InterruptedException e) {
      // Stopped.
    }
  }

  /** One try to connect and, if it succeeds, the connection's life; returns the pause after it. */
  private Duration connectAndHold(Backoff backoff) throws InterruptedException {
    LiveLink<M> next;
    try {
      next = links.make();
      next.connect(credentials.get(), policy.inFlight(), ConnectionPolicy.CONNECT_TIMEOUT);
    } catch (Failure e) {
      meters.failed(e);
      return away(
          "not connected",
          e.getMessage(),
          e.kind() == Kind.REFUSED ? backoff.afterRefusal() : backoff.next());
    } catch (RuntimeException e) {
      return away("not connected", "no credential: " + e.getMessage(), backoff.afterRefusal());
    }
    long start = System.nanoTime();
    Failure why = hold(next);
    backoff.held(Duration.ofNanos(System.nanoTime() - start));
    return away("lost the connection", why.getMessage(), backoff.next());
  }

  private Duration away(String what, String reason, Duration pause) {
    state.away(reason);
    if (!stopped) {
      outages.away(what, reason, pause);
    }
    return pause;
  }

  private Failure hold(LiveLink<M> next) throws InterruptedException {
    meters.connected();
    try {
      resubscribe(next);
      live = next;
      outages.back("connected to " + settings.peer());
      state.connected();
      // Once more for those that came in the meantime; asking twice changes nothing.
      resubscribe(next);
      if (stopped) {
        next.disconnect(FAREWELL, STOPPED);
      }
      return next.awaitLoss();
    } finally {
      next.lost(STOPPED);
      live = null;
    }
  }

  private void resubscribe(LiveLink<M> next) throws InterruptedException {
    for (Subscriptions.Subscription<M> subscription : subscriptions.all()) {
      try {
        next.subscribe(subscription.filter(), subscription.qos());
      } catch (Failure e) {
        log.warn("no messages of {}: {}", subscription.filter(), e.getMessage());
      }
    }
  }

  /** The connection; null, or one that is lost, when there is none. */
  LiveLink<M> live() {
    return live;
  }

  /** Disconnects; the thread that runs this is to be interrupted after it. */
  void stop() {
    stopped = true;
    LiveLink<M> last = live;
    if (last != null) {
      last.disconnect(FAREWELL, STOPPED);
    }
    state.away(STOPPED.getMessage());
  }
}
