package routes.jetstream;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that the stream drops messages which a gateway hasn't delivered: at most once a minute. */
final class DropLog {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final Logger log;
  private final String why;
  private long said;
  private long nextLine = System.nanoTime();

  /**
   * @param gateway whose log it is
   * @param stream whose limits removed the messages
   */
  DropLog(String gateway, String stream) {
    this.log = LoggerFactory.getLogger(gateway);
    this.why =
        switch (stream) {
          case "METRICS" -> "the limits of METRICS (bus.max-age, bus.max-bytes) removed them";
          case "INVENTORY" -> "INVENTORY keeps a device's newest alone";
          default -> "the limits of " + stream + " removed them";
        };
  }

  /**
   * @param drops counted so far
   */
  void count(long drops) {
    long now = System.nanoTime();
    if (drops > said && now - nextLine >= 0) {
      log.warn(
          "{} messages went before they were delivered: {}",
          String.format(Locale.ROOT, "%,d", drops - said),
          why);
      said = drops;
      nextLine = now + MINUTE;
    }
  }
}
