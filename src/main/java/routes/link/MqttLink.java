package routes.link;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.link.Arrivals.Listener;
import routes.link.Failure.Kind;
import routes.log.RateLimitedLog;
import routes.uplink.Backoff;
import routes.uplink.Handover;
import routes.uplink.Lease;
import routes.uplink.Uplink;

/**
 * A gateway's only connection to its broker: connecting, up, renewing or away. Until it is stopped,
 * it reconnects in the background, each time with a fresh credential. Its state belongs to one
 * event loop. Any thread may call its methods; none blocks except {@link #awaitConnected} and
 * {@link #stop}.
 */
final class MqttLink implements Uplink {
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  /** How long after the start messages of the previous session wait for their route. */
  private static final Duration ROUTES_START = Duration.ofSeconds(60);

  private static final Duration RENEW_AGAIN = Duration.ofSeconds(1);

  private static final Failure STOPPED = new Failure(Kind.UNREACHABLE, "stopped");
  private static final Failure RENEWED = new Failure(Kind.RENEWED, "renewing the credential");

  private final ConnectionSettings settings;
  private final ConnectionPolicy policy;
  private final Dialer dialer;
  private final Session.Events events = new SessionEvents();
  private final Logger log;
  private final RateLimitedLog warnings;
  private final UplinkState state = new UplinkState();
  private final Subscriptions subscriptions = new Subscriptions();
  private final Versions versions;
  private final RetryDelay delay;
  private final Forbidden forbidden;
  private final Outbox outbox;
  private final Subscriber subscriber;
  private final Executor pool;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private UplinkMeters meters;
  private Refusals refusals;
  private Arrivals arrivals;
  private Lease lease = Lease.ALWAYS;

  // On the event loop only.
  private Backoff greetings;
  private Session session;
  private long sessionStart;
  private final List<Future<?>> timers = new ArrayList<>();
  private Future<?> retry;
  private boolean up;
  private boolean renewing;
  private boolean outageLogged = true;
  private boolean waiting;
  private boolean stopped;

  /**
   * @param credentials called before each CONNECT, on a thread that may block
   * @param pool runs listeners and the callbacks of publishers
   */
  MqttLink(ConnectionSettings settings, Supplier<Credential> credentials, Executor pool) {
    this.settings = settings;
    this.policy = settings.policy();
    this.dialer = new Dialer(settings, credentials);
    this.pool = pool;
    this.log = LoggerFactory.getLogger("gateway-" + policy.name());
    this.warnings = new RateLimitedLog(log);
    this.versions = new Versions(settings.version());
    this.delay = new RetryDelay(policy);
    this.forbidden = new Forbidden(settings.names().topic(), log);
    this.outbox =
        new Outbox(
            policy,
            new Handover<>(this::onPool, this::report),
            forbidden,
            nanos -> meters.published(nanos),
            this::away);
    this.subscriber = new Subscriber(policy, warnings, this::greet);
  }

  private void onPool(Runnable task) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException e) {
      // The gateway has stopped, but its senders still need the outcome.
      ForkJoinPool.commonPool().execute(task);
    }
  }

  private void report(Outgoing message) {
    try {
      message.report();
    } catch (RuntimeException e) {
      log.warn("cannot report the outcome of a message: {}", e.toString());
    }
  }

  /**
   * Starts connecting in the background. Call it once.
   *
   * @param right without which this replica does not connect
   */
  void start(MeterRegistry registry, Lease right) {
    lease = right;
    String gateway = "gateway-" + policy.name();
    refusals = new Refusals(registry, gateway, log);
    arrivals =
        new Arrivals(policy, subscriptions, refusals, pool, warnings, !settings.cleanSession());
    LinkLoop.schedule(arrivals::giveUp, ROUTES_START.toNanos(), TimeUnit.NANOSECONDS);
    meters = new UplinkMeters(registry, gateway, this::connected, this::standby, outbox::inFlight);
    LinkLoop.execute(this::connect);
    lease.start(() -> LinkLoop.execute(this::leaseChanged));
  }

  private void leaseChanged() {
    if (stopped) {
      return;
    }
    if (!lease.held()) {
      if (session != null) {
        session.disconnect(notHeld());
      }
    } else if (waiting) {
      waiting = false;
      connect();
    }
  }

  private Failure notHeld() {
    return new Failure(Kind.UNREACHABLE, lease.reason());
  }

  /** Does not connect until the lease is held. */
  private void standBy() {
    waiting = true;
    Failure why = notHeld();
    state.away(why);
    outbox.closed(why);
  }

  /** Disconnects for good. Unacknowledged messages fail. */
  void stop() {
    LinkLoop.execute(
        () -> {
          stopped = true;
          outbox.end();
          state.away(STOPPED);
          if (session == null) {
            ended();
          } else {
            outbox.pause();
            session.disconnect(STOPPED);
          }
        });
    try {
      ended.get(2 * FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.debug("did not disconnect in time", e);
    }
  }

  private void ended() {
    outbox.closed(STOPPED);
    ended.complete(null);
  }

  /** Stops handing on and acknowledging messages. Call it before {@link #stop}. */
  void stopListening() {
    arrivals.stop();
    LinkLoop.execute(outbox::end);
  }

  /**
   * Sends a message, now or as soon as there is room for it.
   *
   * @param reply whether the message answers one from the cloud, and so takes turns with the
   *     samples
   * @param done called on the pool, with null once the message is acknowledged (QoS 0: written), or
   *     with the failure
   */
  void publish(MqttMessage message, boolean reply, Consumer<Failure> done) {
    outbox.publish(new Outgoing(message, reply, done));
  }

  /** Sends the reply to a command, on the next connection if this one is lost. */
  void reply(MqttMessage message, Consumer<Failure> done) {
    Outgoing reply = new Outgoing(message, true, done);
    reply.kept = true;
    outbox.publish(reply);
  }

  /**
   * Subscribes to topic filters, now and after each reconnect. Completes once the broker, if
   * connected, has accepted them, or with a failure if it refuses one.
   *
   * @param filters one filter, or several separated by blanks
   * @throws IllegalArgumentException for an invalid filter
   */
  CompletableFuture<Void> subscribe(String filters, int qos, Listener listener) {
    List<String> all = TopicFilter.split(filters);
    int granted = Math.min(qos, 1);
    return onLoop(
        () -> {
          subscriptions.add(all, granted, listener);
          arrivals.claim();
        },
        () -> {
          all.forEach(subscriber::forget);
          return all.stream().map(filter -> subscriber.subscribe(session, filter, granted));
        });
  }

  /** Ends a listener's subscriptions. Completes once the broker, if connected, has confirmed. */
  CompletableFuture<Void> unsubscribe(Listener listener) {
    Set<String> unused = new HashSet<>(subscriptions.remove(listener));
    return onLoop(
        // Its subscribe may have been queued on the loop until now.
        () -> unused.addAll(subscriptions.remove(listener)),
        () -> unused.stream().map(filter -> subscriber.unsubscribe(session, filter)));
  }

  /**
   * @param change made even without a connection
   * @param requests sent only on a connection
   */
  private CompletableFuture<Void> onLoop(
      Runnable change, Supplier<Stream<CompletableFuture<Void>>> requests) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    LinkLoop.execute(
        () -> {
          change.run();
          if (session == null || !session.accepted() || session.over()) {
            done.complete(null);
            return;
          }
          CompletableFuture.allOf(requests.get().toArray(CompletableFuture[]::new))
              .whenComplete(
                  (nothing, failure) -> {
                    if (failure == null) {
                      done.complete(null);
                    } else {
                      done.completeExceptionally(
                          failure.getCause() == null ? failure : failure.getCause());
                    }
                  });
        });
    return done;
  }

  /** Counts and logs a malformed message. */
  void malformed(String what) {
    refusals.add(Refusals.Reason.MALFORMED, what);
  }

  /** Logs a redelivered command that is running or done. */
  void repeated(String command) {
    warnings.warn("repeated", "redelivered command " + command + " is not run again");
  }

  private Failure away() {
    return new Failure(
        Kind.UNREACHABLE,
        policy.name() + " is not connected: " + state.lastError().orElse("still connecting"));
  }

  private void greet(String filter) {
    String topic = policy.greetings().get(filter);
    if (topic != null) {
      // QoS 1 where a cloud counts messages; elsewhere QoS 0, as the clouds' own clients use.
      int qos = session.five() ? 1 : 0;
      MqttMessage greeting =
          new MqttMessage(topic, new byte[0], qos, false, MqttMessage.Properties.NONE);
      outbox.publish(
          new Outgoing(
              greeting,
              true,
              failure -> {
                if (failure != null && failure.kind() == Kind.BUSY) {
                  greetAgain(filter);
                }
              }));
    }
  }

  /** Repeats a filter's greeting after a pause, because the cloud was too busy to answer. */
  void greetAgain(String filter) {
    LinkLoop.execute(
        () -> {
          if (session != null) {
            after(greetings.next(), () -> greet(filter)); // cancelled with the session
          }
        });
  }

  private void connect() {
    if (!stopped && !lease.held()) {
      standBy();
    } else if (!stopped) {
      sessionStart = System.nanoTime();
      dialer.prepare(this::open, this::failed);
    }
  }

  private void failed(Failure why) {
    if (!stopped) {
      meters.failed(why);
      state.away(why);
      Duration pause = delay.after(why.kind());
      outbox.closed(why);
      again("not connected", why, pause);
    }
  }

  private void open(Dialer.Prepared prepared) {
    if (stopped) {
      return;
    }
    if (!lease.held()) {
      standBy();
      return;
    }
    Session next = new Session(settings, prepared.credential(), versions.five(), events);
    session = next;
    dialer.open(prepared, next);
    after(ConnectionPolicy.CONNECT_TIMEOUT, next::connectOverdue);
    prepared
        .credential()
        .renewal()
        .ifPresent(
            life -> after(life.minusNanos(System.nanoTime() - sessionStart), () -> renew(next)));
  }

  private Future<?> after(Duration pause, Runnable task) {
    Future<?> timer = LinkLoop.schedule(task, Math.max(0, pause.toNanos()), TimeUnit.NANOSECONDS);
    timers.add(timer);
    return timer;
  }

  private void ready(Session ready) {
    if (!ready.over() && !stopped) {
      up = true;
      if (outageLogged) {
        log.info("connected to {}", settings.peer());
        outageLogged = false;
      }
      state.connected();
    }
  }

  /** Connects with what the files contain now, at once if it was about to retry. */
  void renew() {
    LinkLoop.execute(
        () -> {
          if (session == null) {
            if (retry != null && retry.cancel(false)) {
              connect();
            }
          } else if (session.accepted()) {
            renew(session);
          } else {
            after(RENEW_AGAIN, this::renew); // its files may have been read before the change
          }
        });
  }

  /** Waits for the messages in flight to be acknowledged, then reconnects. */
  private void renew(Session old) {
    if (!old.accepted()) {
      // Treated as a failure, so that a pause follows: the next attempt may be as slow.
      old.end(
          new Failure(Kind.UNREACHABLE, "no CONNACK before the credential was due for renewal"));
    } else if (!old.over() && !stopped) {
      renewing = true;
      state.renew();
      outbox.pause();
      after(FAREWELL, () -> old.disconnect(RENEWED));
      retire(old);
    }
  }

  private void retire(Session old) {
    if (renewing && old != null && outbox.idle()) {
      old.disconnect(RENEWED);
    }
  }

  private final class SessionEvents implements Session.Events {
    @Override
    public void opened(Session opened) {
      versions.accepted();
      greetings = new Backoff(policy.reconnectMin(), policy.reconnectMax());
      meters.connected();
      outbox.open(opened);
      subscriber.open(opened, subscriptions.filters()).thenRun(() -> ready(opened));
    }

    @Override
    public boolean inUse(int id) {
      return outbox.uses(id) || subscriber.uses(id);
    }

    @Override
    public void answered(Session from, MqttMessageType type, int id, int code) {
      boolean due =
          type == MqttMessageType.SUBACK || type == MqttMessageType.UNSUBACK
              ? subscriber.acknowledged(id, Reasons.answer(code, from.five()))
              : published(type, id, Reasons.publish(code, from.five()));
      if (!due) {
        warnings.warn("ignored a " + type + " for a packet that is not in flight");
      }
    }

    private boolean published(MqttMessageType type, int id, Failure refusal) {
      if (refusal != null && refusal.kind() == Kind.FORBIDDEN) {
        meters.forbidden();
      }
      return outbox.acknowledged(type, id, refusal);
    }

    @Override
    public void arrived(Session from, MqttMessage message, int id) {
      arrivals.arrived(
          message,
          () -> LinkLoop.execute(() -> from.acknowledge(message, id)),
          () -> from.refuse(message.qos() == 1 ? id : 0));
    }

    @Override
    public void leftOut(PacketGate.LeftOut message) {
      arrivals.leftOut(message);
    }

    @Override
    public void readComplete() {
      outbox.drain();
      retire(session);
    }

    @Override
    public void closed(Session old, Failure why) {
      MqttLink.this.closed(old, why);
    }
  }

  private void closed(Session old, Failure why) {
    boolean wasUp = up;
    session = null;
    up = false;
    timers.forEach(timer -> timer.cancel(false));
    timers.clear();
    if (stopped) {
      ended();
      return;
    }
    if (!lease.held()) {
      renewing = false;
      subscriber.closed(why);
      outageLogged = true;
      standBy();
      return;
    }
    if (renewing) {
      renewing = false;
      subscriber.closed(RENEWED);
      outbox.closed(RENEWED);
      connect();
      return;
    }
    Failure reason = subscriber.closed(why);
    if (!old.accepted()) {
      meters.failed(reason);
    }
    if (old.wrongVersion() && versions.rejected()) {
      connect();
      return;
    }
    if (old.unanswered()) {
      versions.unanswered();
    }
    // Before the messages fail, because their consumers check this state.
    state.away(reason);
    Duration lasted = Duration.ofNanos(System.nanoTime() - sessionStart);
    if (wasUp && delay.ended(lasted, old.published())) {
      subscriber.retry();
    }
    Duration pause = delay.after(reason.kind());
    outbox.closed(reason);
    again(old.accepted() ? "disconnected" : "not connected", reason, pause);
  }

  private void again(String what, Failure why, Duration pause) {
    String line = what + ": " + why.getMessage();
    if (warnings.warn(line, line + "; reconnecting in " + Durations.text(pause))) {
      outageLogged = true;
    }
    retry = after(pause, this::connect);
  }

  @Override
  public String name() {
    return policy.name();
  }

  @Override
  public boolean connected() {
    return state.isConnected();
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
    return standby() ? Optional.of(lease.reason()) : state.lastError();
  }

  @Override
  public boolean refused() {
    return state.refused();
  }

  @Override
  public boolean standby() {
    return !connected() && lease.holder().isPresent();
  }

  @Override
  public Optional<String> forbidden() {
    return forbidden.reason();
  }

  @Override
  public long reconnects() {
    return state.reconnects();
  }

  @Override
  public Verdict verdict(Throwable failure, long reconnects) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Failure why) {
        return switch (why.kind()) {
          case REFUSED -> Verdict.REFUSED;
          case BUSY -> Verdict.BUSY;
          case FORBIDDEN -> forbidden.othersPass(why) ? Verdict.REFUSED : Verdict.BUSY;
          case SUSPECT -> Verdict.SUSPECT;
          default -> Verdict.AWAY;
        };
      }
    }
    return Uplink.super.verdict(failure, reconnects);
  }
}
