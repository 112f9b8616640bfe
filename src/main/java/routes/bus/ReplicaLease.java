package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.api.KeyValueEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.log.Loops;
import routes.log.RateLimitedLog;
import routes.uplink.Lease;

/**
 * A {@link Lease} in the JetStream key-value bucket {@value #BUCKET}: one key per identity, which
 * expires {@link #LIFE} after it was last written. The holder rewrites it every second, with the
 * revision that it wrote last, so two replicas never hold it at a time.
 *
 * <p>The holder counts from the moment before it sends a request, and gives up a second early.
 * While NATS is unavailable, nobody holds the lease for longer than that.
 */
public final class ReplicaLease implements Lease {
  public static final String BUCKET = "edge-replicas";

  /** How long the server keeps a key. */
  static final Duration LIFE = Duration.ofSeconds(5);

  private static final Duration VALID = LIFE.minusSeconds(1);
  private static final long PERIOD_MILLIS = 1_000;
  private static final long WATCH_MILLIS = 100;
  private static final int WRONG_LAST_SEQUENCE = 10071;
  private static final int WRONG_LAST_SEQUENCE_CONSTANT = 10164;

  /** When the request that was granted last had been sent. */
  private record Granted(long nanos, long millis) {
    /** By two clocks: the first stands still while a virtual machine is suspended. */
    boolean valid() {
      return System.nanoTime() - nanos < VALID.toNanos()
          && System.currentTimeMillis() - millis < VALID.toMillis();
    }
  }

  private final Bus bus;
  private final String key;
  private final String replica;

  /** Identifies this process, even if two replicas have the same name by mistake. */
  private final byte[] value;

  private final Logger log;
  private final RateLimitedLog warnings;
  private final ScheduledExecutorService threads;
  private volatile Granted granted;
  private volatile String holder;
  private volatile String problem;
  private boolean told;
  private boolean begun;

  // On the renewing thread only.
  private long revision;

  /**
   * @param gateway the gateway's name, for the log
   * @param identity what the replicas compete for: address and client id
   * @param replica this replica's name
   */
  public ReplicaLease(Bus bus, String gateway, String identity, String replica) {
    this.bus = bus;
    this.key = StateBucket.key(identity);
    this.replica = replica;
    this.value = (replica + " " + UUID.randomUUID()).getBytes(StandardCharsets.UTF_8);
    this.log = LoggerFactory.getLogger("gateway-" + gateway);
    this.warnings = new RateLimitedLog(log);
    this.threads =
        new ScheduledThreadPoolExecutor(
            2,
            task -> {
              Thread thread = new Thread(task, "lease " + gateway);
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public boolean held() {
    Granted last = granted;
    return last != null && last.valid();
  }

  @Override
  public Optional<String> holder() {
    return held() ? Optional.empty() : Optional.ofNullable(holder);
  }

  @Override
  public String reason() {
    String other = holder;
    return other != null
        ? "standby: replica " + other + " is active"
        : "standby: the lease is not granted" + (problem == null ? " yet" : " because " + problem);
  }

  @Override
  public void start(Runnable changed) {
    threads.scheduleWithFixedDelay(
        Loops.step("lease", this::renew), 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    // Apart from the first thread, which waits for NATS.
    threads.scheduleWithFixedDelay(
        Loops.step("lease", () -> watch(changed)), 0, WATCH_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void watch(Runnable changed) {
    boolean now = held();
    if (now != told) {
      told = now;
      begun = true;
      log.info(now ? "replica {} is active" : "replica {} is " + reason(), replica);
      changed.run();
    } else if (!now && !begun && holder != null) {
      begun = true;
      log.info("replica {} is {}", replica, reason());
    }
  }

  private synchronized void renew() {
    Optional<Bus.Session> session = bus.session();
    if (session.isEmpty()) {
      unknown(bus.name() + " is unavailable");
      return;
    }
    Connection connection = session.get().connection();
    try {
      // twice, because the first request may show that the key or the bucket has gone
      if (!request(connection)) {
        request(connection);
      }
    } catch (IOException | JetStreamApiException | RuntimeException e) {
      if (connection.getStatus() == Connection.Status.CONNECTED) {
        String line = "bucket " + BUCKET + " cannot be written: " + e.getMessage();
        unknown(line);
        warnings.warn("lease", "replica " + replica + ": " + line);
      } else {
        unknown(bus.name() + " is unavailable");
      }
    }
  }

  private void unknown(String why) {
    problem = why;
    if (!held()) {
      holder = null;
    }
  }

  /**
   * @return whether the outcome is certain
   */
  private boolean request(Connection connection) throws IOException, JetStreamApiException {
    Granted sent = new Granted(System.nanoTime(), System.currentTimeMillis());
    KeyValue bucket = null;
    try {
      bucket = connection.keyValue(BUCKET);
      revision = revision > 0 ? bucket.update(key, value, revision) : bucket.create(key, value);
    } catch (IOException | JetStreamApiException e) {
      if (StateBucket.isMissing(e)) {
        create(connection);
        revision = 0;
        return false;
      }
      if (bucket == null || !isTaken(e)) {
        throw e;
      }
      return refused(bucket);
    }
    granted = sent;
    holder = null;
    problem = null;
    return true;
  }

  private static boolean isTaken(Exception e) {
    return e instanceof JetStreamApiException api
        && (api.getApiErrorCode() == WRONG_LAST_SEQUENCE
            || api.getApiErrorCode() == WRONG_LAST_SEQUENCE_CONSTANT);
  }

  /** Another replica has the key, or it has expired, or our last write was stored after all. */
  private boolean refused(KeyValue bucket) throws IOException, JetStreamApiException {
    KeyValueEntry entry = bucket.get(key);
    byte[] found = entry == null ? null : entry.getValue();
    boolean ours = Arrays.equals(found, value);
    revision = ours ? entry.getRevision() : 0;
    if (found == null || ours) {
      return false;
    }
    granted = null;
    problem = null;
    holder = new String(found, StandardCharsets.UTF_8).replaceFirst(" .*", "");
    return true;
  }

  private void create(Connection connection) throws IOException, JetStreamApiException {
    connection
        .keyValueManagement()
        .create(
            // in a file, so that no other replica takes over while nats-server restarts
            StateBucket.small(
                    BUCKET,
                    "Which replica of a gateway of cloud-iot-routes is active",
                    bus.replicas())
                .ttl(LIFE)
                .build());
  }

  @Override
  public void close() {
    threads.shutdownNow();
    release();
  }

  private synchronized void release() {
    boolean mine = held();
    granted = null;
    if (mine && revision > 0) {
      bus.session().ifPresent(session -> delete(session.connection()));
    }
  }

  private void delete(Connection connection) {
    try {
      connection.keyValue(BUCKET).delete(key, revision);
    } catch (IOException | JetStreamApiException | RuntimeException e) {
      log.debug("the lease was not released; it expires", e);
    }
  }
}
