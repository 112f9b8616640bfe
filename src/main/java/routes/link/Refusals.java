package routes.link;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import routes.log.RateLimitedLog;

/**
 * Counts dropped messages from a cloud and logs why, with at most one line per reason and minute.
 *
 * <ul>
 *   <li>mqtt.inbound.refused: dropped messages, by gateway and reason
 * </ul>
 */
final class Refusals {
  /** Why a message was dropped. */
  public enum Reason {
    /** Its packet is larger than inbound.max-packet. */
    TOO_LARGE,
    /** It arrived faster than messages are handled. */
    OVERFLOW,
    /** No subscription of this device matches its topic, or the topic is invalid. */
    TOPIC,
    /** Its content does not match its topic. */
    MALFORMED
  }

  private final Map<Reason, Counter> counters = new EnumMap<>(Reason.class);
  private final RateLimitedLog log;

  /**
   * @param gateway such as gateway-azure
   */
  public Refusals(MeterRegistry registry, String gateway, Logger log) {
    this.log = new RateLimitedLog(log);
    for (Reason reason : Reason.values()) {
      counters.put(
          reason,
          Counter.builder("mqtt.inbound.refused")
              .description("Messages from the cloud that were dropped")
              .tag("gateway", gateway)
              .tag("reason", reason.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  /**
   * @param what the message and what is wrong with it, as the end of a line that starts with
   *     "dropped"
   */
  public void add(Reason reason, String what) {
    counters.get(reason).increment();
    log.warnWithCount(reason.name(), "dropped " + what);
  }
}
