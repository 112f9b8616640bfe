package routes.link;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import routes.link.Failure.Kind;
import routes.uplink.Backoff;

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
  private String suspect;
  private volatile LiveLink<M> open;
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
    Credential credential;
    long start = System.nanoTime();
    try {
      next = links.make();
      credential = credentials.get();
      next.connect(credential, ConnectionPolicy.CONNECT_TIMEOUT);
    } catch (Failure e) {
      meters.failed(e);
      return away("not connected", e, backoff);
    } catch (RuntimeException e) {
      // A file that was replaced by a wrong one, a token that has expired.
      Failure none = new Failure(Kind.REFUSED, "refused: no credential: " + e.getMessage(), e);
      meters.failed(none);
      return away("not connected", none, backoff);
    }
    Failure why = hold(next, credential.renewal().map(life -> life.minusNanos(since(start))));
    backoff.held(Duration.ofNanos(since(start)));
    if (why.kind() == Kind.RENEWED) {
      return Duration.ZERO;
    }
    return away("lost the connection", why, backoff);
  }

  private static long since(long start) {
    return System.nanoTime() - start;
  }

  private Duration away(String what, Failure why, Backoff backoff) {
    state.away(why);
    Duration pause = why.kind() == Kind.REFUSED ? backoff.afterRefusal() : backoff.next();
    if (!stopped) {
      outages.away(what, why.getMessage(), pause);
    }
    return pause;
  }

  /**
   * @param renewal how long it may last
   */
  private Failure hold(LiveLink<M> next, Optional<Duration> renewal) throws InterruptedException {
    meters.connected();
    try {
      suspect = null;
      open = next;
      Set<Subscriptions.Subscription<M>> made = resubscribe(next, Set.of());
      if (suspect == null) {
        live = next;
        outages.back("connected to " + settings.peer());
        state.connected();
        // Those that came in the meantime.
        resubscribe(next, made);
      }
      if (stopped) {
        next.disconnect(FAREWELL, STOPPED);
      }
      Optional<Failure> loss = next.awaitLoss(renewal);
      if (loss.isEmpty()) {
        state.renew();
        next.retire(FAREWELL);
        loss = next.awaitLoss(Optional.empty());
      }
      return suspect == null ? loss.get() : suspected(loss.get(), suspect);
    } finally {
      next.lost(STOPPED);
      live = null;
      open = null;
    }
  }

  private static Failure suspected(Failure why, String filter) {
    return new Failure(
        why.kind(), why.getMessage() + ", on SUBSCRIBE to " + filter + ": is it permitted?", why);
  }

  /**
   * @param made subscriptions to leave out
   * @return those that there were
   */
  private Set<Subscriptions.Subscription<M>> resubscribe(
      LiveLink<M> next, Set<Subscriptions.Subscription<M>> made) throws InterruptedException {
    Set<Subscriptions.Subscription<M>> wanted = new LinkedHashSet<>(subscriptions.all());
    wanted.removeAll(made);
    for (Subscriptions.Subscription<M> subscription : wanted) {
      try {
        next.subscribe(subscription);
      } catch (Failure e) {
        if (next.loss().isPresent()) {
          // Clouds answer with this, not with a SUBACK, to a filter that is not permitted.
          suspect = subscription.filter();
          break;
        }
        log.warn("no messages of {}: {}", subscription.filter(), e.getMessage());
      }
    }
    return wanted;
  }

  /**
   * The connection, also while it subscribes: what arrives then may have to be answered. Null, or
   * one that is lost, when there is none.
   */
  LiveLink<M> open() {
    return open;
  }

  /** The connection once it has subscribed; null, or one that is lost, when there is none. */
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
    state.away(STOPPED);
  }
}
