package routes.link;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.link.Failure.Kind;
import routes.uplink.Uplink;

/**
 * A device's one connection to its broker: made and made anew in the background for as long as it
 * runs, each time with a credential of that moment, and shared by every route. It knows no MQTT
 * library: {@link Link} does.
 *
 * @param <M> the library's message
 */
final class DeviceConnection<M> implements Uplink {
  private static final long STOP_MILLIS = 1_000;
  private static final Optional<String> NOT_YET = Optional.of("not yet");

  private final ConnectionPolicy policy;
  private final UplinkState state = new UplinkState();
  private final Subscriptions<M> subscriptions = new Subscriptions<>();
  private final UplinkMeters meters;
  private final Inbound<M> inbound;
  private final ConnectLoop<M> loop;
  private Thread thread;

  /**
   * @param credentials asked before each CONNECT
   * @param links makes the library's connection, anew each time
   */
  DeviceConnection(
      ConnectionSettings settings,
      Supplier<Credential> credentials,
      Link.Maker<M> links,
      MeterRegistry registry) {
    this.policy = settings.policy();
    Logger log = LoggerFactory.getLogger("gateway-" + policy.name());
    Refusals refusals = new Refusals(registry, "gateway-" + policy.name(), log);
    this.inbound = new Inbound<>(policy, subscriptions, refusals, log);
    this.meters =
        new UplinkMeters(registry, "gateway-" + policy.name(), this::connected, this::inFlight);
    this.loop =
        new ConnectLoop<>(
            settings,
            credentials,
            () -> new LiveLink<>(links, inbound, policy),
            subscriptions,
            state,
            meters,
            log);
  }

  /** Begins to connect, in the background; once. */
  synchronized void start() {
    if (thread == null) {
      thread = Threads.named(policy.name() + "-connection").newThread(loop);
      thread.start();
    }
  }

  /** Disconnects for good. */
  synchronized void stop() {
    loop.stop();
    inbound.stop();
    if (thread != null) {
      thread.interrupt();
      try {
        thread.join(STOP_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Returns when the broker has acknowledged the message; fails at once when not connected. While
   * the connection is made anew with a new credential it waits, and a message that was in flight
   * then goes out again: the broker may get it twice.
   *
   * @throws InterruptedException when the thread is interrupted while it waits: the message may
   *     have arrived or not
   */
  void publish(String topic, M message) throws Failure, InterruptedException {
    long start = System.nanoTime();
    while (!sent(topic, message)) {
      state.awaitRenewed();
    }
    meters.published(System.nanoTime() - start);
  }

  /**
   * @return false when the message is for the next connection
   */
  private boolean sent(String topic, M message) throws Failure, InterruptedException {
    LiveLink<M> live = loop.open();
    Optional<String> away = live == null ? state.lastError().or(() -> NOT_YET) : live.loss();
    if (away.isPresent()) {
      if (state.renewing()) {
        return false;
      }
      throw new Failure(Kind.UNREACHABLE, policy.name() + " is not connected: " + away.get());
    }
    try {
      live.publish(topic, message);
      return true;
    } catch (Failure e) {
      if (e.kind() == Kind.RENEWED) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Wants the messages of topic filters, now and after each reconnect.
   *
   * @param filters one, or several with blanks between them
   * @throws Failure when the broker, if connected, refuses
   */
  void subscribe(String filters, int qos, Subscriptions.Listener<M> listener)
      throws Failure, InterruptedException {
    for (String filter : filters.trim().split("\\s+")) {
      Subscriptions.Subscription<M> subscription =
          new Subscriptions.Subscription<>(filter, qos, listener);
      subscriptions.add(subscription);
      LiveLink<M> live = loop.live();
      if (live != null) {
        try {
          live.subscribe(subscription);
        } catch (Failure e) {
          // What the network prevents is made up for when it is back.
          if (e.answered()) {
            subscriptions.remove(filter);
            throw e;
          }
        }
      }
    }
  }

  void unsubscribe(String filters) throws Failure, InterruptedException {
    for (String filter : filters.trim().split("\\s+")) {
      subscriptions.remove(filter);
      LiveLink<M> live = loop.live();
      if (live != null) {
        live.unsubscribe(filter);
      }
    }
  }

  private int inFlight() {
    LiveLink<M> live = loop.live();
    return live == null ? 0 : live.inFlight();
  }

  @Override
  public String name() {
    return policy.name();
  }

  @Override
  public boolean connected() {
    LiveLink<M> live = loop.live();
    return state.renewing() || live != null && live.loss().isEmpty();
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
  public boolean refused() {
    return state.refused();
  }

  @Override
  public Verdict verdict(Throwable failure, long reconnects) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Failure why) {
        return switch (why.kind()) {
          case REFUSED -> Verdict.REFUSED;
          case BUSY -> Verdict.BUSY;
          case SUSPECT -> Verdict.SUSPECT;
          default -> Verdict.AWAY;
        };
      }
    }
    return Uplink.super.verdict(failure, reconnects);
  }

  @Override
  public long reconnects() {
    return state.reconnects();
  }
}
