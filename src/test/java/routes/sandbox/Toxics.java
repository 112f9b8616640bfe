package routes.sandbox;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a {@link FaultProxy} does to the bytes of one direction, by toxiproxy's names. Each can be
 * set and changed while connections are open; {@link #clear()} takes all of them away.
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
   * @param changed is told of each change
   */
  Toxics(Runnable changed) {
    this.changed = changed;
  }

  /** Every byte comes later by {@code delay}, more or less by up to {@code jitter}; in order. */
  public Toxics latency(Duration delay, Duration jitter) {
    this.latency = delay;
    this.jitter = jitter;
    return changed();
  }

  /** So many bytes a second and connection. */
  public Toxics bandwidth(long bytesPerSecond) {
    bandwidth = bytesPerSecond;
    return changed();
  }

  /** The end of a connection is passed on so much later. */
  public Toxics slowClose(Duration delay) {
    slowClose = delay;
    return changed();
  }

  /**
   * Nothing passes, not even the end, as in a black hole. What was sent meanwhile passes when the
   * toxic is gone, as TCP sends again what was lost.
   */
  public Toxics timeout() {
    held = true;
    return changed();
  }

  /** The next bytes end their connection with RST, both ways. */
  public Toxics reset() {
    reset = true;
    return changed();
  }

  /** Passes in pieces of at most so many bytes, with a pause after each. */
  public Toxics slice(int bytes, Duration pause) {
    slice = bytes;
    slicePause = pause;
    return changed();
  }

  /** A connection ends, both ways, after so many bytes. */
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

  /** How long the line is busy with so many bytes, and with the pause after a slice. */
  long busyNanos(int bytes) {
    long sending = bandwidth == Long.MAX_VALUE ? 0 : bytes * 1_000_000_000L / bandwidth;
    return sending + slicePause.toNanos();
  }

  long closeNanos() {
    return slowClose.toNanos();
  }
}
