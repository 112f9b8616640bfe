package routes.sandbox;

import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One outage of a cloud or of NATS, reported in one line per second until every sample of that time
 * has arrived. Ends the outage too if the reader leaves or the thread is interrupted.
 */
final class StagedOutage {
  private static final Duration DRAIN = Duration.ofMinutes(2);
  private static final String LINE = "  %5s  %5s  %8s  %8s  %s%n";

  private final String what;
  private final Runnable begin;
  private final Runnable end;

  /** The clouds at which samples must arrive. */
  private final Map<String, Arrivals> clouds;

  private final PrintStream out;
  private boolean ended;
  private String backlog = "0";

  /**
   * @param what its name, such as azure
   * @param out its reader; {@link PrintStream#checkError()} reports that the reader has left
   */
  StagedOutage(
      String what, Runnable begin, Runnable end, Map<String, Arrivals> clouds, PrintStream out) {
    this.what = what;
    this.begin = begin;
    this.end = end;
    this.clouds = clouds;
    this.out = out;
  }

  void run(Duration duration, SentSamples sent) throws InterruptedException {
    say(what + " is unavailable for " + duration.toSeconds() + " s; Ctrl-C ends the outage");
    out.printf(LINE, "time", "sent", "arrived", "backlog", "");
    begin.run();
    try {
      long start = System.nanoTime();
      long limit = duration.plus(DRAIN).toSeconds();
      boolean done = false;
      for (long second = 1; !done && second <= limit && !out.checkError(); second++) {
        TimeUnit.NANOSECONDS.sleep(start + TimeUnit.SECONDS.toNanos(second) - System.nanoTime());
        String event = "";
        if (!ended && second >= duration.toSeconds()) {
          event = end();
        }
        boolean known = update(sent);
        line(second, sent.ids(), event);
        done = ended && event.isEmpty() && known && !sent.ids().isEmpty() && late(sent.ids()) == 0;
      }
      summary(sent.ids());
    } finally {
      if (!ended) {
        end();
      }
    }
  }

  /** Returns what happened. Can be repeated while another program uses the port. */
  private String end() {
    try {
      end.run();
      ended = true;
    } catch (IllegalStateException e) {
      return what + " cannot return yet: " + e.getMessage() + "; clients reach that program";
    }
    System.out.println("./run: " + what + " is available again");
    return what + " is available again";
  }

  private void say(String text) {
    System.out.println("./run: " + text);
    out.println(text);
  }

  /** Returns false while NATS is unavailable. */
  private boolean update(SentSamples sent) throws InterruptedException {
    try {
      sent.update();
      long most = 0;
      for (String cloud : clouds.keySet()) {
        most = Math.max(most, sent.backlog(cloud));
      }
      backlog = String.valueOf(most);
      return true;
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      backlog = "-";
      return false;
    }
  }

  private void line(long second, List<String> ids, String event) {
    out.printf(LINE, second + " s", ids.size(), ids.size() - late(ids), backlog, event);
  }

  /** How many samples have not arrived at every cloud. */
  private long late(List<String> ids) {
    return ids.stream().filter(id -> fewest(id) == 0).count();
  }

  private int fewest(String id) {
    return clouds.values().stream().mapToInt(cloud -> cloud.of(id)).min().orElse(0);
  }

  private void summary(List<String> ids) {
    if (backlog.equals("-")) {
      out.println("NATS is unavailable, so the samples could not be counted");
      return;
    }
    long late = late(ids);
    long twice =
        ids.stream().filter(id -> clouds.values().stream().anyMatch(c -> c.of(id) > 1)).count();
    boolean waiting = late > 0 && !backlog.equals("0");
    out.printf(
        "sent %d, arrived %d, %s %d%s%n",
        ids.size(),
        ids.size() - late,
        waiting ? "still waiting" : "lost",
        late,
        twice == 0 ? "" : "; " + twice + " arrived more than once");
    out.flush();
  }
}
