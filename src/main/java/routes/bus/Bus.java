package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Connection.Status;
import io.nats.client.ConnectionListener.Events;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import routes.log.Loops;
import routes.tls.Expiry;
import routes.tls.Renewable;
import routes.uplink.Backoff;
import routes.uplink.Uplink;

/**
 * The process's NATS connection. Connects and reconnects in the background, so NATS may be
 * unavailable at startup and later. The streams are checked on each new connection before consumers
 * start on it.
 *
 * <p>A lost connection is replaced by a new one, because jnats 2.24.1 can miss the end of its own
 * reconnect mode. It then sends nothing until its pings time out.
 */
public final class Bus extends ServiceSupport implements Uplink, Renewable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long STREAMS_PERIOD = TimeUnit.SECONDS.toNanos(60);
  private static final long STREAMS_RETRY = TimeUnit.SECONDS.toNanos(5);

  /** In the first minute of a connection the watches run more often. */
  private static final long EARLY_PERIOD = TimeUnit.SECONDS.toNanos(10);

  private static final int EARLY_CHECKS = 6;

  private static final long REPLIES_MILLIS = 500;

  /** Room for the acknowledgements of several windows; jnats rejects what exceeds its queue. */
  private static final int OUTGOING = 50_000;

  private static final long USUAL_PAYLOAD = 1 << 20;

  /** A live connection whose streams have been checked; a new one after each loss. */
  public record Session(Connection connection) {}

  private final CamelContext context;
  private final BusServers servers;
  private final BusStreams streams;
  private final Backoff backoff;
  private final BusLog log;
  private final BusState state = new BusState();
  private final List<Consumer<Connection>> watches = new CopyOnWriteArrayList<>();
  private ExecutorService thread;
  private volatile String streamsProblem;
  private volatile long streamsDue;
  private volatile boolean renewing;
  private int checks;

  Bus(CamelContext context, BusServers servers, BusStreams streams, Backoff backoff) {
    this.context = context;
    this.servers = servers;
    this.streams = streams;
    this.backoff = backoff;
    this.log = new BusLog(servers);
  }

  @Override
  protected void doStart() {
    if (state.session() != null) {
      return; // a stand-in
    }
    state.begin();
    thread = context.getExecutorServiceManager().newSingleThreadExecutor(this, "bus");
    thread.execute(Loops.loop("bus", this::run));
  }

  /** For tests of routes: called before the start, which then connects to nothing. */
  public void standIn() {
    Connection nothing = StandInConnection.open();
    state.connected(nothing);
    state.ready(nothing);
  }

  /** Flushes pending messages, mostly acknowledgements, and closes the connection. */
  @Override
  protected void doStop() throws InterruptedException {
    if (thread == null) {
      return; // a stand-in
    }
    Connection last = state.end();
    context.getExecutorServiceManager().shutdownNow(thread);
    if (last != null) {
      close(last);
    }
  }

  private static void close(Connection last) throws InterruptedException {
    try {
      last.flush(Duration.ofSeconds(2));
    } catch (TimeoutException | IllegalStateException e) {
      // NATS is unavailable; messages without an acknowledgement are redelivered
    }
    last.close();
  }

  private void run() {
    try {
      connect();
      long connected = System.nanoTime();
      while (isStartingOrStarted()) {
        Connection current = state.connection();
        if (current != null && renewing) {
          renewing = false;
          replace(current);
        } else if (current != null) {
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
      checks = 0;
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

  /**
   * Replaces the connection by one with the renewed files, if these are accepted. The old one stays
   * open until the requests in flight have their replies. It is closed before subscriptions move,
   * so that no command runs twice.
   */
  private void replace(Connection old) throws InterruptedException {
    Connection made;
    try {
      made = Nats.connect(options());
    } catch (IOException | RuntimeException e) {
      log.notRenewed(e);
      return;
    }
    servers.remember(made.getServers());
    streamsDue = System.nanoTime();
    checks = 0;
    if (!state.replaced(old, made)) {
      made.close();
      return;
    }
    TimeUnit.MILLISECONDS.sleep(REPLIES_MILLIS);
    close(old);
    state.announce(made);
  }

  private Options options() {
    return servers
        .options()
        .connectionName(context.getName())
        .connectionTimeout(Duration.ofSeconds(5))
        .pingInterval(Duration.ofSeconds(5))
        .maxPingsOut(4) // a flush and a drain send pings too
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
    state.await(
        wait,
        () -> renewing || state.connection() != current || streamsDue - System.nanoTime() <= 0);
    if (renewing || state.connection() != current) {
      return;
    }
    Optional<String> problem = streams.ensure(current);
    if (current.getStatus() != Status.CONNECTED || !isStartingOrStarted()) {
      return; // the problem, if any, lies with the connection
    }
    problem = problem.map(text -> text + log.takeRefusal());
    log.streams(streamsProblem, problem);
    streamsProblem = problem.orElse(null);
    long period = ++checks <= EARLY_CHECKS ? EARLY_PERIOD : STREAMS_PERIOD;
    streamsDue = System.nanoTime() + (problem.isPresent() ? STREAMS_RETRY : period);
    state.ready(current);
    watches.forEach(watch -> watch.accept(current));
  }

  /**
   * Calls back on the bus's thread with the live connection: when the streams have been checked, a
   * few times in the first minute, and then every minute.
   *
   * @param watch blocks for a few seconds at most, and throws nothing
   */
  public void watch(Consumer<Connection> watch) {
    watches.add(watch);
  }

  /** Checks the streams now, because one of them was not found. */
  public void checkStreams() {
    streamsDue = System.nanoTime();
    state.wake();
  }

  @Override
  public List<String> files() {
    return servers.files();
  }

  @Override
  public List<Expiry> expiries() {
    return servers.expiries();
  }

  @Override
  public void check() {
    servers.options();
  }

  @Override
  public void renew() {
    renewing = true;
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
   * The live connection, after its streams have been checked. Waits briefly for the first check,
   * because a message published while its stream is being created can be lost without an error.
   *
   * @throws IllegalStateException if NATS is unavailable
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
    throw new IllegalStateException(name() + " is unavailable");
  }

  Replicas replicas() {
    return streams.replicas();
  }

  void follow(Consumer<Connection> follower) {
    state.follow(follower);
  }

  void unfollow(Consumer<Connection> follower) {
    state.unfollow(follower);
  }

  /** The reason why the bus is not ready, in one line without secrets; empty if it is ready. */
  public Optional<String> problem() {
    if (!connected()) {
      return Optional.of(name() + " is unavailable" + lastError().map(e -> ": " + e).orElse(""));
    }
    return state.session() == null
        ? Optional.of("the streams have not been checked yet")
        : Optional.ofNullable(streamsProblem);
  }

  /** Bytes of the largest message; nats-server's default while NATS is unavailable. */
  public long maxPayload() {
    Connection current = state.connection();
    long most = current == null ? 0 : current.getMaxPayload();
    return most > 0 ? most : USUAL_PAYLOAD;
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
