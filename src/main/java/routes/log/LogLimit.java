package routes.log;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Lets a line through once a minute, with the number of those like it that were left out before.
 * Lines are alike but for long numbers, such as sizes.
 */
public final class LogLimit {
  private static final long QUIET = Duration.ofMinutes(1).toNanos();
  private static final int MOST = 100;
  private static final Pattern NUMBER = Pattern.compile("\\d{3,}");

  private static final class Seen {
    private final long due = System.nanoTime() + QUIET;
    private int hidden;
  }

  private final Map<String, Seen> lines =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
          return size() > MOST;
        }
      };

  /**
   * @param about such as the route; lines about different things are never alike
   * @return what to log; empty if it is to be left out
   */
  public synchronized Optional<String> line(String about, String text) {
    String key = about + " " + NUMBER.matcher(text).replaceAll("#");
    Seen seen = lines.get(key);
    if (seen != null && System.nanoTime() - seen.due < 0) {
      seen.hidden++;
      return Optional.empty();
    }
    lines.remove(key);
    lines.put(key, new Seen());
    return Optional.of(
        seen == null || seen.hidden == 0
            ? text
            : text + " (and " + seen.hidden + " more since it was said last)");
  }
}
