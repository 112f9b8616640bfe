package routes.mqtt;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.Uplink;
import routes.mqtt.Failure.Kind;

/**
 * A device's one connection to its broker: made and made anew in the background for as long as it
 * runs, each time with a credential of that moment, and shared by every route. It knows no MQTT
 * library: {@link Link} does.
 *
 * @param <M> the library's message
 */
final class DeviceConnection<M> implements Uplink {
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final ConnectionPolicy policy;
  private final Supplier<Credential> credentials;
  private final Link.Maker<M> links;
  private final UplinkState state = new UplinkState();
  private final Subscriptions<M> subscriptions = new Subscriptions<>();
  private final Logger log;
  private final OutageLog outages;
  private final UplinkMeters meters;
  private final Inbound<M> inbound;
  private volatile LiveLink<M> live;
  private volatile boolean stopped;
  private Thread thread;

  /**
   * @param credentials asked before each CONNECT
   */
  DeviceConnection(
      ConnectionPolicy policy,
      Supplier<Credential> credentials,
      Link.Maker<M> links,
      MeterRegistry registry) {
    this.policy = policy;
    this.credentials = credentials;
    this.links = links;
    this.log = LoggerFactory.getLogger("gateway-" + policy.name());
    this.outages = new OutageLog(log);
    this.inbound = new Inbound<>(policy.name() + "-messages", subscriptions, log);
    this.meters = new UplinkMeters(registry, this);
  }

  /** Begins to connect, in the background. */
  synchronized void start() {
    if (thread == null && !stopped) {
      thread = Threads.named(policy.name() + "-connection").newThread(this::run);
      thread.start();
    }
  }

  /** Disconnects for good. */
  void stop() {
    Thread connecting;
    synchronized (this) {
      stopped = true;
      connecting = thread;
    }
    LiveLink<M> last = live;
    if (last != null) {
      last.disconnect(FAREWELL, new Failure(Kind.UNREACHABLE, "stopped"));
    }
    inbound.stop();
    if (connecting != null) {
      connecting.interrupt();
      try {
        connecting.join(FAREWELL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
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
      next = new LiveLink<>(links, inbound::arrived, policy.publishTimeout());
      next.connect(credentials.get(), policy.inFlight(), ConnectionPolicy.CONNECT_TIMEOUT);
    } catch (Failure e) {
      meters.failed(e);
      state.failed(e.getMessage());
      Duration pause = e.kind() == Kind.REFUSED ? backoff.afterRefusal() : backoff.next();
      outages.away("not connected", e.getMessage(), pause);
      return pause;
    } catch (RuntimeException e) {
      Duration pause = backoff.afterRefusal();
      String reason = "no credential: " + e.getMessage();
      state.failed(reason);
      outages.away("not connected", reason, pause);
      return pause;
    }
    long start = System.nanoTime();
    Failure why = hold(next);
    backoff.held(Duration.ofNanos(System.nanoTime() - start));
    Duration pause = backoff.next();
    if (!stopped) {
      outages.away("lost the connection", why.getMessage(), pause);
    }
    return pause;
  }

  private Failure hold(LiveLink<M> next) throws InterruptedException {
    meters.connected();
    try {
      resubscribe(next);
      live = next;
      outages.back("connected to " + policy.peer());
      state.connected();
      // Once more for those that came in the meantime; asking twice changes nothing.
      resubscribe(next);
      if (stopped) {
        next.disconnect(FAREWELL, new Failure(Kind.UNREACHABLE, "stopped"));
      }
      Failure why = next.awaitLoss();
      state.lost(why.getMessage());
      return why;
    } finally {
      live = null;
      next.lost(new Failure(Kind.UNREACHABLE, "stopped"));
      state.lost("stopped");
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

  /**
   * Returns when the broker has acknowledged the message; fails at once when not connected.
   *
   * @throws InterruptedException when the thread is interrupted while it waits: the message may
   *     have arrived or not
   */
  void publish(String topic, M message) throws Failure, InterruptedException {
    long start = System.nanoTime();
    connectedLink().publish(topic, message);
    meters.published(System.nanoTime() - start);
  }

  /**
   * Wants the messages of a topic filter, now and after each reconnect.
   *
   * @throws Failure when the broker, if connected, refuses
   */
  void subscribe(Subscriptions.Subscription<M> subscription) throws Failure, InterruptedException {
    subscriptions.add(subscription);
    LiveLink<M> current = live;
    if (current != null) {
      try {
        current.subscribe(subscription.filter(), subscription.qos());
      } catch (Failure e) {
        if (e.kind() == Kind.REFUSED) {
          subscriptions.remove(subscription.filter());
          throw e;
        }
      }
    }
  }

  void unsubscribe(String filter) throws Failure, InterruptedException {
    subscriptions.remove(filter);
    LiveLink<M> current = live;
    if (current != null) {
      current.unsubscribe(filter);
    }
  }

  private LiveLink<M> connectedLink() throws Failure {
    LiveLink<M> current = live;
    if (current == null || !current.open()) {
      throw new Failure(
          Kind.UNREACHABLE,
          policy.name() + " is not connected: " + state.lastError().orElse("not yet"));
    }
    return current;
  }

  int inFlight() {
    LiveLink<M> current = live;
    return current == null ? 0 : current.inFlight();
  }

  @Override
  public String name() {
    return policy.name();
  }

  @Override
  public boolean connected() {
    LiveLink<M> current = live;
    return current != null && current.open();
  }

  @Override
  public boolean awaitConnected(Duration timeout) throws InterruptedException {
    return state.awaitConnected(timeout);
  }

  @Override
  public Instant since() {
    return state.since();
  }

  @Override
  public Optional<String> lastError() {
    return state.lastError();
  }

  @Override
  public long reconnects() {
    return state.reconnects();
  }
}
