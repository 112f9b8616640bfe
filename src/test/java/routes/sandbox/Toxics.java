package routes.sandbox;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The faults that a {@link FaultProxy} injects in one direction, named as in toxiproxy. Each can be
 * set and changed while connections are open; {@link #clear()} removes them all.
 */
public final class Toxics {
  private final Runnable changed;
  private volatile Duration latency = Duration.ZERO;
  private volatile Duration jitter = Duration.ZERO;
  private volatile long bandwidth = Long.MAX_VALUE;
  private volatile Duration slowClose = Duration.ZERO;
  private volatile int slice = Integer.MAX_VALUE;
  private volatile Duration slicePause = Duration.ZERO;
  private volatile long limit = Long.MAX_VALUE;
  private volatile boolean held;
  private volatile boolean reset;

  /**
   * @param changed called on each change
   */
  Toxics(Runnable changed) {
    this.changed = changed;
  }

  /** Delays every byte by {@code delay}, plus or minus {@code jitter}; keeps the order. */
  public Toxics latency(Duration delay, Duration jitter) {
    this.latency = delay;
    this.jitter = jitter;
    return changed();
  }

  /** Limits each connection to a number of bytes per second. */
  public Toxics bandwidth(long bytesPerSecond) {
    bandwidth = bytesPerSecond;
    return changed();
  }

  /** Delays the end of a connection. */
  public Toxics slowClose(Duration delay) {
    slowClose = delay;
    return changed();
  }

  /**
   * Lets nothing pass, not even the end, like a black hole. What was sent meanwhile passes when the
   * fault is removed, because TCP retransmits what was lost.
   */
  public Toxics timeout() {
    held = true;
    return changed();
  }

  /** The next bytes reset their connection in both directions. */
  public Toxics reset() {
    reset = true;
    return changed();
  }

  /** Passes pieces of at most this many bytes, with a pause after each. */
  public Toxics slice(int bytes, Duration pause) {
    slice = bytes;
    slicePause = pause;
    return changed();
  }

  /** Ends a connection, both ways, after this many bytes. */
  public Toxics limit(long bytes) {
    limit = bytes;
    return changed();
  }

  public void clear() {
    latency = Duration.ZERO;
    jitter = Duration.ZERO;
    bandwidth = Long.MAX_VALUE;
    slowClose = Duration.ZERO;
    slice = Integer.MAX_VALUE;
    slicePause = Duration.ZERO;
    limit = Long.MAX_VALUE;
    held = false;
    reset = false;
    changed();
  }

  private Toxics changed() {
    changed.run();
    return this;
  }

  boolean held() {
    return held;
  }

  boolean resets() {
    return reset;
  }

  int slice() {
    return slice;
  }

  long limit() {
    return limit;
  }

  long delayNanos() {
    long most = jitter.toNanos();
    long off = most == 0 ? 0 : ThreadLocalRandom.current().nextLong(-most, most + 1);
    return Math.max(0, latency.toNanos() + off);
  }

  /** How long the line is busy with this many bytes and the pause after a slice. */
  long busyNanos(int bytes) {
    long sending = bandwidth == Long.MAX_VALUE ? 0 : bytes * 1_000_000_000L / bandwidth;
    return sending + slicePause.toNanos();
  }

  long closeNanos() {
    return slowClose.toNanos();
  }
}
