package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Connection.Status;
import java.time.Instant;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The live connection, the time of its last change, and the threads that wait for it. */
final class BusState {
  private static final Logger LOG = LoggerFactory.getLogger("bus");

  private final CopyOnWriteArrayList<Consumer<Connection>> followers = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All written under the lock.
  private volatile Connection connection;
  private volatile Bus.Session session;
  private volatile Instant since = Instant.now();
  private volatile long connects;
  private boolean ended;

  /** Null while NATS is unavailable. */
  Connection connection() {
    return connection;
  }

  /** Null while NATS is unavailable and until the streams have been checked. */
  Bus.Session session() {
    return session;
  }

  Instant since() {
    return since;
  }

  long connects() {
    return connects;
  }

  /** Starts accepting connections. */
  void begin() {
    lock.lock();
    try {
      ended = false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * @return false if the connection is already lost or the bus has stopped
   */
  boolean connected(Connection made) {
    lock.lock();
    try {
      if (ended || made.getStatus() != Status.CONNECTED) {
        return false;
      }
      connection = made;
      since = Instant.now();
      connects++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    announce(made);
    return true;
  }

  /**
   * Puts a connection in place of the live one, without its followers, and counts no reconnect.
   *
   * @return false if another one is live, the new one is already lost, or the bus has stopped
   */
  boolean replaced(Connection old, Connection made) {
    lock.lock();
    try {
      if (ended || connection != old || made.getStatus() != Status.CONNECTED) {
        return false;
      }
      connection = made;
      session = session == null ? null : new Bus.Session(made); // its streams have been checked
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Gives a connection to the followers. */
  void announce(Connection made) {
    followers.forEach(follower -> call(follower, made));
  }

  /** A follower that throws must not keep the connection from the others. */
  private static void call(Consumer<Connection> follower, Connection made) {
    try {
      follower.accept(made);
    } catch (RuntimeException e) {
      LOG.error("a subscription failed: {}", e.toString(), e);
    }
  }

  /**
   * @return whether it was the live connection
   */
  boolean lost(Connection which) {
    lock.lock();
    try {
      if (which != connection) {
        return false;
      }
      connection = null;
      session = null;
      since = Instant.now();
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Opens the session if the connection is still the live one. */
  void ready(Connection which) {
    lock.lock();
    try {
      if (which == connection && session == null) {
        session = new Bus.Session(which);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * @return the connection to close; null if there is none
   */
  Connection end() {
    lock.lock();
    try {
      ended = true;
      Connection last = connection;
      lost(last);
      return last;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes all waiting threads. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the condition holds, for at most {@code nanos}. */
  void await(long nanos, BooleanSupplier condition) throws InterruptedException {
    long left = nanos;
    lock.lockInterruptibly();
    try {
      while (!condition.getAsBoolean() && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Calls back with the live connection and each new one, possibly twice with the same one. */
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
}
