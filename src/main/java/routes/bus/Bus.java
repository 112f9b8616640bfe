package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Connection.Status;
import io.nats.client.ConnectionListener.Events;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import routes.log.Loops;
import routes.uplink.Backoff;
import routes.uplink.Uplink;

/**
 * The NATS connection of the process. It connects and reconnects in the background, so NATS may be
 * unavailable at the start and later. The streams are checked before consumers start on a new
 * connection.
 *
 * <p>A lost connection is replaced by a new one. jnats could reconnect by itself, but jnats 2.24.1
 * then sometimes sends nothing until its pings time out: it can miss the end of its own reconnect
 * mode and waits for it forever.
 */
public final class Bus extends ServiceSupport implements Uplink {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long STREAMS_PERIOD = TimeUnit.SECONDS.toNanos(60);
  private static final long STREAMS_RETRY = TimeUnit.SECONDS.toNanos(5);

  /** Acknowledgements of several full windows: jnats rejects what exceeds its queue. */
  private static final int OUTGOING = 50_000;

  /** A live connection whose streams have been checked; a new one after each loss. */
  public record Session(Connection connection) {}

  private final CamelContext context;
  private final BusServers servers;
  private final BusStreams streams;
  private final Backoff backoff;
  private final BusLog log;
  private final BusState state = new BusState();
  private ExecutorService thread;
  private volatile String streamsProblem;
  private volatile long streamsDue;

  Bus(CamelContext context, BusServers servers, BusStreams streams, Backoff backoff) {
    this.context = context;
    this.servers = servers;
    this.streams = streams;
    this.backoff = backoff;
    this.log = new BusLog(servers);
  }

  @Override
  protected void doStart() {
    state.begin();
    thread = context.getExecutorServiceManager().newSingleThreadExecutor(this, "bus");
    thread.execute(Loops.loop("bus", this::run));
  }

  /** Sends what is still to be sent, acknowledgements above all, and closes. */
  @Override
  protected void doStop() throws InterruptedException {
    Connection last = state.end();
    context.getExecutorServiceManager().shutdownNow(thread);
    if (last != null) {
      try {
        last.flush(Duration.ofSeconds(2));
      } catch (TimeoutException | IllegalStateException e) {
        // NATS went away: what was unsent is redelivered
      }
      last.close();
    }
  }

  private void run() {
    try {
      connect();
      long connected = System.nanoTime();
      while (isStartingOrStarted()) {
        Connection current = state.connection();
        if (current != null) {
          ensureStreams(current);
        } else {
          backoff.connectionEnded(Duration.ofNanos(System.nanoTime() - connected));
          TimeUnit.MILLISECONDS.sleep(backoff.next().toMillis());
          connect();
          connected = System.nanoTime();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped
    }
  }

  private void connect() throws InterruptedException {
    try {
      boolean again = state.connects() > 0;
      Instant lost = state.since();
      Connection made = Nats.connect(options());
      servers.remember(made.getServers());
      streamsDue = System.nanoTime();
      log.up(again, Duration.between(lost, Instant.now()));
      if (!state.connected(made)) {
        log.down();
        made.close();
      }
    } catch (IOException | RuntimeException e) {
      if (isStartingOrStarted()) {
        log.failed(e);
      }
    }
  }

  private Options options() {
    return servers
        .options()
        .connectionName(context.getName())
        .connectionTimeout(Duration.ofSeconds(5))
        .pingInterval(Duration.ofSeconds(5))
        .maxPingsOut(4) // room for those of a flush and a drain
        .maxMessagesInOutgoingQueue(OUTGOING)
        .noReconnect()
        .reportNoResponders()
        .connectionListener(this::changed)
        .errorListener(log)
        .build();
  }

  private void changed(Connection which, Events event) {
    if ((event == Events.DISCONNECTED || event == Events.CLOSED) && state.lost(which)) {
      log.down();
    }
  }

  /** Waits until the connection is lost or the streams are due, then checks the streams. */
  private void ensureStreams(Connection current) throws InterruptedException {
    long wait = streamsDue - System.nanoTime();
    state.await(wait, () -> state.connection() != current || streamsDue - System.nanoTime() <= 0);
    if (state.connection() != current) {
      return;
    }
    Optional<String> problem = streams.ensure(current);
    if (current.getStatus() != Status.CONNECTED || !isStartingOrStarted()) {
      return; // the problem, if any, is not the streams'
    }
    problem = problem.map(text -> text + log.takeRefusal());
    log.streams(streamsProblem, problem);
    streamsProblem = problem.orElse(null);
    streamsDue = System.nanoTime() + (problem.isPresent() ? STREAMS_RETRY : STREAMS_PERIOD);
    state.ready(current);
  }

  /** Checks the streams now, because one of them was not found. */
  public void checkStreams() {
    streamsDue = System.nanoTime();
    state.wake();
  }

  /** The current session; null if there is none within {@code timeout}. */
  public Session awaitSession(Duration timeout) throws InterruptedException {
    state.await(timeout.toNanos(), () -> state.session() != null);
    return state.session();
  }

  public Optional<Session> session() {
    return Optional.ofNullable(state.session());
  }

  public boolean isCurrent(Session which) {
    return state.session() == which;
  }

  /**
   * The live connection once the streams have been checked. At the start it waits briefly for them:
   * a message that is published while its stream is being created may be lost without an answer.
   *
   * @throws IllegalStateException when NATS is away
   */
  Connection require() {
    try {
      boolean lost = state.connection() == null && state.connects() > 0;
      Session session = lost ? null : awaitSession(PATIENCE);
      if (session != null) {
        return session.connection();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException(name() + " is away");
  }

  void follow(Consumer<Connection> follower) {
    state.follow(follower);
  }

  void unfollow(Consumer<Connection> follower) {
    state.unfollow(follower);
  }

  /** Why the bus is not ready, in one line without secrets; empty when it is. */
  public Optional<String> problem() {
    if (!connected()) {
      return Optional.of(
          name() + " is away since " + since() + lastError().map(e -> ": " + e).orElse(""));
    }
    return state.session() == null
        ? Optional.of("the streams are not checked yet")
        : Optional.ofNullable(streamsProblem);
  }

  @Override
  public String name() {
    return log.name();
  }

  @Override
  public boolean connected() {
    return state.connection() != null;
  }

  @Override
  public boolean awaitConnected(Duration timeout) throws InterruptedException {
    state.await(timeout.toNanos(), this::connected);
    return connected();
  }

  @Override
  public Instant since() {
    return state.since();
  }

  @Override
  public Optional<String> lastError() {
    return log.lastError();
  }

  @Override
  public long reconnects() {
    return Math.max(0, state.connects() - 1);
  }
}
