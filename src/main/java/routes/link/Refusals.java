package routes.link;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Counts the messages from a cloud that were dropped, and logs why: at most one line per reason and
 * minute, whatever the lines hold.
 *
 * <ul>
 *   <li>mqtt.inbound.refused: messages that were dropped, by gateway and reason
 * </ul>
 */
final class Refusals {
  private static final long QUIET = Duration.ofMinutes(1).toNanos();

  /** Why a message was dropped. */
  public enum Reason {
    /** Its packet is larger than inbound.max-packet. */
    TOO_LARGE,
    /** It came faster than messages are handled. */
    OVERFLOW,
    /** No subscription of this device has its topic, or the topic is invalid. */
    TOPIC,
    /** It is not what its topic says. */
    MALFORMED
  }

  private final Map<Reason, Count> counts = new EnumMap<>(Reason.class);
  private final Logger log;

  private static final class Count {
    private final Counter counter;
    private long unsaid;
    private long nextLine = System.nanoTime();

    Count(Counter counter) {
      this.counter = counter;
    }
  }

  /**
   * @param gateway such as gateway-azure
   */
  public Refusals(MeterRegistry registry, String gateway, Logger log) {
    this.log = log;
    for (Reason reason : Reason.values()) {
      counts.put(
          reason,
          new Count(
              Counter.builder("mqtt.inbound.refused")
                  .description("Messages from the broker that were dropped")
                  .tag("gateway", gateway)
                  .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                  .register(registry)));
    }
  }

  /**
   * @param what the message and what is wrong, as the end of a line that begins with "dropped"
   */
  public void add(Reason reason, String what) {
    Count count = counts.get(reason);
    count.counter.increment();
    synchronized (count) {
      long now = System.nanoTime();
      if (now - count.nextLine < 0) {
        count.unsaid++;
        return;
      }
      String more = count.unsaid == 0 ? "" : " (and " + count.unsaid + " more before it)";
      log.warn("dropped {}{}", what, more);
      count.unsaid = 0;
      count.nextLine = now + QUIET;
    }
  }
}
