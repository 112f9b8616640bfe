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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.link.Failure.Kind;
import routes.link.Inbound.Listener;
import routes.log.RateLimitedLog;
import routes.uplink.Backoff;
import routes.uplink.Uplink;

/**
 * A gateway's one connection to its broker: connecting, up, renewing or away. It connects in the
 * background, each time with a credential of that moment, for as long as it runs. Its state belongs
 * to one event loop; the methods may be called by any thread, and none blocks except {@link
 * #awaitConnected} and {@link #stop}.
 */
final class MqttLink implements Uplink {
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  /** How long a connection has to last to be stable: its loss gets an early retry. */
  private static final Duration STABLE = Duration.ofMillis(500);

  /** How long after the start a route may come for messages of the session before. */
  private static final Duration ROUTES_START = Duration.ofSeconds(60);

  private static final int EARLY_MILLIS = 250;
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
  private final Forbidden forbidden;
  private final Outbox outbox;
  private final Subscriber subscriber;
  private final Executor pool;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private UplinkMeters meters;
  private Refusals refusals;
  private Inbound inbound;

  // On the event loop only.
  private Backoff backoff;
  private Backoff greetings;
  private Session session;
  private long sessionStart;
  private final List<Future<?>> timers = new ArrayList<>();
  private boolean up;
  private boolean renewing;
  private boolean outageLogged = true;
  private boolean stopped;

  /**
   * @param credentials asked before each CONNECT, on a thread that may block
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
    this.backoff = new Backoff(policy.reconnectMin(), policy.reconnectMax());
    this.forbidden = new Forbidden(settings.names().topic(), log);
    this.outbox =
        new Outbox(
            policy,
            new Outcomes(pool, log),
            forbidden,
            nanos -> meters.published(nanos),
            this::away);
    this.subscriber = new Subscriber(policy, warnings, this::greet);
  }

  /** Begins to connect, in the background; to be called once. */
  void start(MeterRegistry registry) {
    String gateway = "gateway-" + policy.name();
    refusals = new Refusals(registry, gateway, log);
    inbound =
        new Inbound(policy, subscriptions, refusals, pool, warnings, !settings.cleanSession());
    LinkLoop.schedule(inbound::giveUp, ROUTES_START.toNanos(), TimeUnit.NANOSECONDS);
    meters = new UplinkMeters(registry, gateway, this::connected, outbox::inFlight);
    LinkLoop.execute(this::connect);
  }

  /** Disconnects for good; messages that are not acknowledged fail. */
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
      log.debug("no orderly end", e);
    }
  }

  private void ended() {
    outbox.closed(STOPPED);
    ended.complete(null);
  }

  /** Messages are neither handed on nor acknowledged any more; before {@link #stop}. */
  void stopListening() {
    inbound.stop();
    LinkLoop.execute(outbox::end);
  }

  /**
   * Sends a message, now or as soon as there is room for it.
   *
   * @param reply whether the message answers one from the cloud and takes turns with the samples
   * @param done called on the pool: with null at the PUBACK, with QoS 0 when it is written, or with
   *     the failure
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
   * Wants the messages of topic filters, now and after each reconnect. Completes once the broker,
   * if connected, has accepted; with a failure if it rejects a filter.
   *
   * @param filters one, or several with blanks between them
   * @throws IllegalArgumentException for an invalid filter
   */
  CompletableFuture<Void> subscribe(String filters, int qos, Listener listener) {
    List<String> all = TopicFilter.split(filters);
    int granted = Math.min(qos, 1);
    return onLoop(
        () -> {
          subscriptions.add(all, granted, listener);
          inbound.claim();
        },
        () -> {
          all.forEach(subscriber::forget);
          return all.stream().map(filter -> subscriber.subscribe(session, filter, granted));
        });
  }

  /** Ends the subscriptions of a listener; completes once the broker, if connected, knows. */
  CompletableFuture<Void> unsubscribe(Listener listener) {
    Set<String> unused = new HashSet<>(subscriptions.remove(listener));
    return onLoop(
        // Its subscribe may have been waiting for the loop until now.
        () -> unused.addAll(subscriptions.remove(listener)),
        () -> unused.stream().map(filter -> subscriber.unsubscribe(session, filter)));
  }

  /**
   * @param change made whether or not there is a connection
   * @param requests sent if there is one
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

  /** Counts a message that is not what its topic says. */
  void malformed(String what) {
    refusals.add(Refusals.Reason.MALFORMED, what);
  }

  /** A command that has been dealt with came again. */
  void repeated(String command) {
    warnings.warn("repeated", "the command " + command + " came again and did not run again");
  }

  private Failure away() {
    return new Failure(
        Kind.UNREACHABLE,
        policy.name() + " is not connected: " + state.lastError().orElse("not yet"));
  }

  private void greet(String filter) {
    String topic = policy.greetings().get(filter);
    if (topic != null) {
      // QoS 1 where a cloud counts messages; at the others QoS 0, as their own clients ask.
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

  /** Asks once more, after a pause, for what is to come on a filter: the cloud was too busy. */
  void greetAgain(String filter) {
    LinkLoop.execute(
        () -> {
          if (session != null) {
            after(greetings.next(), () -> greet(filter)); // ends with the session
          }
        });
  }

  private void connect() {
    if (!stopped) {
      sessionStart = System.nanoTime();
      dialer.prepare(this::open, this::failed);
    }
  }

  private void failed(Failure why) {
    if (!stopped) {
      meters.failed(why);
      Duration pause = away(why, false);
      outbox.closed(why);
      again("not connected", why, pause);
    }
  }

  private void open(Dialer.Prepared prepared) {
    if (stopped) {
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

  private void after(Duration pause, Runnable task) {
    timers.add(LinkLoop.schedule(task, Math.max(0, pause.toNanos()), TimeUnit.NANOSECONDS));
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

  /** Lets what is in flight be acknowledged, and connects again. */
  private void renew(Session old) {
    if (!old.accepted()) {
      // As a failure, with a pause: the next one may be as slow.
      old.end(new Failure(Kind.UNREACHABLE, "no CONNACK before the credential's renewal"));
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
    public void answered(Session from, MqttMessageType type, int id, List<Integer> codes) {
      int worst = codes.stream().mapToInt(Integer::intValue).max().orElse(0);
      boolean due =
          type == MqttMessageType.SUBACK || type == MqttMessageType.UNSUBACK
              ? subscriber.acknowledged(id, Reasons.answer(worst, from.five()))
              : published(type, id, Reasons.publish(worst, from.five()));
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
      inbound.arrived(
          message,
          () -> LinkLoop.execute(() -> from.acknowledge(message, id)),
          () -> from.refuse(message.qos() == 1 ? id : 0));
    }

    @Override
    public void leftOut(PacketGate.LeftOut message) {
      inbound.leftOut(message);
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
    // Before the messages fail: their consumers look at it.
    Duration pause = away(reason, wasUp);
    outbox.closed(reason);
    again(old.accepted() ? "disconnected" : "not connected", reason, pause);
  }

  private Duration away(Failure why, boolean wasUp) {
    state.away(why);
    boolean stable = wasUp && System.nanoTime() - sessionStart > STABLE.toNanos();
    if (stable) {
      subscriber.retry();
      backoff = new Backoff(policy.reconnectMin(), policy.reconnectMax());
      if (why.kind() == Kind.CLOSED || why.kind() == Kind.UNREACHABLE) {
        return Duration.ofMillis(ThreadLocalRandom.current().nextInt(EARLY_MILLIS));
      }
    }
    return why.kind() == Kind.REFUSED ? backoff.afterRefusal() : backoff.next();
  }

  private void again(String what, Failure why, Duration pause) {
    String line = what + ": " + why.getMessage();
    if (warnings.warn(line, line + "; reconnecting in " + Durations.text(pause))) {
      outageLogged = true;
    }
    after(pause, this::connect);
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
    return state.lastError();
  }

  @Override
  public boolean refused() {
    return state.refused();
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
