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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;

/**
 * The process's one NATS connection. It is made in the background and for ever made again, so that
 * NATS may be away at start and later; each time the streams are seen to before consumers go on.
 *
 * <p>A lost connection is replaced by a new one. jnats could reconnect by itself, but then (2.24.1)
 * every few times sends nothing any more until its pings have timed out: the end of its reconnect
 * mode may be noticed before it is announced, and is then waited for for ever.
 */
public final class Bus extends ServiceSupport implements Uplink {
  private static final Duration STREAMS_PERIOD = Duration.ofSeconds(60);
  private static final Duration STREAMS_RETRY = Duration.ofSeconds(5);

  /** The time between two losses of the connection, from when the streams have been seen to. */
  record Session(Connection connection, long number) {}

  private final CamelContext context;
  private final BusStreams streams;
  private final Backoff backoff;
  private final BusLog log;
  private final BusServers servers;
  private final CopyOnWriteArrayList<Consumer<Connection>> followers = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private ExecutorService thread;

  // All written under the lock.
  private volatile Connection connection;
  private volatile Session session;
  private volatile Instant since = Instant.now();
  private volatile String streamsProblem;
  private volatile long connects;
  private long streamsDue;

  Bus(CamelContext context, BusServers servers, BusStreams streams, Backoff backoff) {
    this.context = context;
    this.streams = streams;
    this.backoff = backoff;
    this.servers = servers;
    this.log = new BusLog("NATS at " + servers);
  }

  @Override
  protected void doStart() {
    thread = context.getExecutorServiceManager().newSingleThreadExecutor(this, "bus");
    thread.execute(this::run);
  }

  /** Sends what is still to be sent, acknowledgements above all, and closes. */
  @Override
  protected void doStop() throws InterruptedException {
    Connection last;
    lock.lock();
    try {
      last = connection;
      connection = null;
      session = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    context.getExecutorServiceManager().shutdownNow(thread);
    if (last != null) {
      try {
        if (last.getStatus() == Status.CONNECTED) {
          last.flush(Duration.ofSeconds(2));
        }
      } catch (TimeoutException | IllegalStateException e) {
        // NATS went away: what was unsent is redelivered
      }
      last.close();
    }
  }

  private void run() {
    long failures = 0;
    try {
      while (isStartingOrStarted()) {
        Connection current = connection;
        if (current != null) {
          failures = 0;
          attend(current);
          continue;
        }
        if (failures > 0 || connects > 0) {
          TimeUnit.MILLISECONDS.sleep(backoff.delay(failures).toMillis());
        }
        failures++;
        try {
          adopt(Nats.connect(options()));
        } catch (IOException | RuntimeException e) {
          if (isStartingOrStarted()) {
            log.failed(e);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped
    }
  }

  private Options options() {
    return servers
        .options()
        .connectionName(context.getName())
        .connectionTimeout(Duration.ofSeconds(5))
        .pingInterval(Duration.ofSeconds(10))
        .maxPingsOut(2)
        .noReconnect()
        .connectionListener(this::changed)
        .errorListener(log)
        .build();
  }

  private void adopt(Connection made) throws InterruptedException {
    lock.lock();
    try {
      if (!isStartingOrStarted()) {
        made.close();
        return;
      }
      if (made.getStatus() == Status.CONNECTED) {
        Instant now = Instant.now();
        log.up(connects > 0, Duration.between(since, now));
        connection = made;
        since = now;
        connects++;
        streamsDue = System.nanoTime();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
    servers.remember(made.getServers());
    followers.forEach(follower -> follower.accept(made));
  }

  /** Waits until the connection is lost or the streams are due, and sees to them. */
  private void attend(Connection current) throws InterruptedException {
    lock.lock();
    try {
      long wait = streamsDue - System.nanoTime();
      if (wait > 0) {
        changed.awaitNanos(wait);
        return;
      }
    } finally {
      lock.unlock();
    }
    Optional<String> problem = streams.ensure(current);
    lock.lock();
    try {
      if (connection != current) {
        return; // lost meanwhile: the problem, if any, is not the streams'
      }
      problem = problem.map(text -> text + log.refusal());
      log.streams(streamsProblem, problem);
      streamsProblem = problem.orElse(null);
      streamsDue =
          System.nanoTime() + (problem.isPresent() ? STREAMS_RETRY : STREAMS_PERIOD).toNanos();
      if (session == null) {
        session = new Session(current, connects);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void changed(Connection which, Events event) {
    if (event == Events.DISCONNECTED || event == Events.CLOSED) {
      lock.lock();
      try {
        if (which == connection) {
          connection = null;
          session = null;
          since = Instant.now();
          log.down();
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Has the streams seen to now: one of them was not found. */
  void checkStreams() {
    lock.lock();
    try {
      streamsDue = System.nanoTime();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The present session; null if there is none when {@code timeout} is over. */
  Session awaitSession(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (session == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      return session;
    } finally {
      lock.unlock();
    }
  }

  Optional<Session> session() {
    return Optional.ofNullable(session);
  }

  boolean isCurrent(Session which) {
    return session == which;
  }

  /**
   * The live connection.
   *
   * @throws IllegalStateException when NATS is away
   */
  Connection require() {
    Connection current = connection;
    if (current == null) {
      throw new IllegalStateException(name() + " is away");
    }
    return current;
  }

  /** Calls back with the live connection and each new one. */
  void follow(Consumer<Connection> follower) {
    followers.addIfAbsent(follower);
    Connection current = connection;
    if (current != null) {
      follower.accept(current);
    }
  }

  void unfollow(Consumer<Connection> follower) {
    followers.remove(follower);
  }

  /** Why the bus can't be relied on now, in one line without secrets; empty when it can. */
  public Optional<String> problem() {
    if (!connected()) {
      return Optional.of(
          name() + " is away since " + since + lastError().map(e -> ": " + e).orElse(""));
    }
    return session == null ? Optional.of("streams not seen to yet") : streamsProblem();
  }

  private Optional<String> streamsProblem() {
    return Optional.ofNullable(streamsProblem);
  }

  @Override
  public String name() {
    return log.name();
  }

  @Override
  public boolean connected() {
    return connection != null;
  }

  @Override
  public boolean awaitConnected(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (connection == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      return connection != null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Instant since() {
    return since;
  }

  @Override
  public Optional<String> lastError() {
    return log.lastError();
  }

  @Override
  public long reconnects() {
    return Math.max(0, connects - 1);
  }
}
