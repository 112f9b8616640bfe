package routes.sandbox;

import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stages {@code ./run cut CLOUD TIME} and {@code ./run kill nats TIME}: one outage at a time. Every
 * request is validated before anything is interrupted.
 */
final class Outages {
  private static final Pattern TIME = Pattern.compile("([1-9]\\d{0,3})(s|m)");
  private static final long LONGEST = 600;

  /** What is wrong with a request; the message is one line. */
  static final class Rejected extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    Rejected(int status, String message) {
      super(message);
      this.status = status;
    }

    /** An HTTP status. */
    int status() {
      return status;
    }
  }

  private final AtomicReference<String> current = new AtomicReference<>();
  private final Map<String, SandboxCloud> clouds = new LinkedHashMap<>();
  private final Map<String, Arrivals> arrivals;
  private final String device;
  private final String natsUrl;
  private final SandboxNats nats;

  /**
   * @param arrivals of each cloud
   * @param nats null if this ./run uses the NATS of somebody else
   */
  Outages(
      Iterable<SandboxCloud> clouds,
      Map<String, Arrivals> arrivals,
      String device,
      String natsUrl,
      SandboxNats nats) {
    clouds.forEach(cloud -> this.clouds.put(cloud.name(), cloud));
    this.arrivals = arrivals;
    this.device = device;
    this.natsUrl = natsUrl;
    this.nats = nats;
  }

  /** An accepted outage; it writes its report and returns when it is over. */
  interface Staged {
    void run(OutputStream out) throws InterruptedException;
  }

  /**
   * @param verb cut or kill
   * @param what a cloud, or nats
   * @param time such as 30s
   */
  Staged stage(String verb, String what, String time) throws Rejected {
    Duration duration = duration(time);
    boolean kill = verb.equals("kill");
    if (kill && !what.equals("nats")) {
      throw new Rejected(404, "cannot kill \"" + what + "\"; use ./run kill nats");
    }
    if (kill && nats == null) {
      throw new Rejected(400, "NATS at " + natsUrl + " was not started by ./run");
    }
    if (!kill && !clouds.containsKey(what)) {
      String names = String.join(", ", clouds.keySet());
      throw new Rejected(404, "unknown cloud \"" + what + "\"; the clouds are " + names);
    }
    if (!current.compareAndSet(null, verb + " " + what)) {
      throw new Rejected(409, "./run " + current.get() + " is in progress; wait until it ends");
    }
    try {
      arrivals.values().forEach(Arrivals::start);
      SentSamples sent = new SentSamples(natsUrl, device);
      return out -> run(what, duration, sent, out);
    } catch (IOException | JetStreamApiException e) {
      over();
      throw new Rejected(502, "NATS at " + natsUrl + " is unavailable: " + e.getMessage());
    } catch (InterruptedException e) {
      over();
      Thread.currentThread().interrupt();
      throw new Rejected(503, "./run is stopping");
    }
  }

  private static Duration duration(String time) throws Rejected {
    Matcher matcher = TIME.matcher(time);
    long seconds = 0;
    if (matcher.matches()) {
      seconds = Long.parseLong(matcher.group(1)) * (matcher.group(2).equals("m") ? 60 : 1);
    }
    if (seconds == 0 || seconds > LONGEST) {
      throw new Rejected(400, "invalid time \"" + time + "\"; use 1s to 600s, or 1m to 10m");
    }
    return Duration.ofSeconds(seconds);
  }

  private void run(String what, Duration duration, SentSamples sent, OutputStream out)
      throws InterruptedException {
    PrintStream lines = new PrintStream(out, true, StandardCharsets.UTF_8);
    SandboxCloud cloud = clouds.get(what);
    try (sent) {
      if (cloud == null) {
        new StagedOutage("NATS", nats::kill, nats::start, arrivals, lines).run(duration, sent);
      } else {
        Map<String, Arrivals> one = Map.of(what, arrivals.get(what));
        new StagedOutage(what, cloud::disappear, () -> cloud.reappear(Duration.ZERO), one, lines)
            .run(duration, sent);
      }
    } finally {
      over();
    }
  }

  private void over() {
    arrivals.values().forEach(Arrivals::stop);
    current.set(null);
  }
}
