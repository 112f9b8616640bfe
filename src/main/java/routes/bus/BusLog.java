package routes.bus;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import java.net.ConnectException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.SettingException;

/**
 * What is said about the bus: a line when it is connected, lost and back, at most one a minute
 * while it is away. Remembers the last error.
 */
final class BusLog implements ErrorListener {
  private static final Logger LOG = LoggerFactory.getLogger(Bus.class);
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private static final Pattern VIOLATION =
      Pattern.compile("(?i).*permissions violation for (\\w+) to \"([^\"]+)\".*");
  private static final int MOST_TOLD = 100;

  private final Set<String> told = new HashSet<>();
  private final String name;
  private final BusServers servers;
  private boolean connected;
  private boolean loginRefused;
  private String lastError;
  private String reason; // the last error of this connection
  private String refusal = "";
  private long nextLine = System.nanoTime();

  BusLog(BusServers servers) {
    this.name = "NATS at " + servers;
    this.servers = servers;
  }

  /** NATS and where it is. */
  String name() {
    return name;
  }

  synchronized Optional<String> lastError() {
    return Optional.ofNullable(lastError);
  }

  /** The end of a line that says what NATS didn't permit since this was asked last; or empty. */
  synchronized String refusal() {
    String last = refusal;
    refusal = "";
    return last;
  }

  synchronized void up(boolean again, Duration away) {
    connected = true;
    loginRefused = false;
    reason = null;
    nextLine = System.nanoTime();
    if (again) {
      LOG.info("{} is back after {} s", name, away.toSeconds());
    } else {
      LOG.info("connected to {}", name);
    }
  }

  synchronized void down() {
    connected = false;
    LOG.warn("{} is lost: {}", name, reason == null ? "connection closed" : reason);
    nextLine = System.nanoTime() + MINUTE;
  }

  /** An attempt to connect failed. */
  synchronized void failed(Exception e) {
    if (e instanceof AuthenticationException) {
      errorOccurred(null, "authorization violation");
    } else if (lastError == null || e instanceof SettingException) {
      exceptionOccurred(null, e);
    }
    away();
  }

  void streams(String before, Optional<String> problem) {
    if (problem.isEmpty() && before != null) {
      LOG.info("the streams are in order again");
    } else if (problem.isPresent() && (!problem.get().equals(before) || due())) {
      LOG.warn("{}", problem.get());
    }
  }

  /** An error that the server reports. */
  @Override
  public synchronized void errorOccurred(Connection which, String error) {
    String lower = error.toLowerCase(Locale.ROOT);
    loginRefused =
        lower.contains("authorization violation") || lower.startsWith("user authentication");
    lastError = loginRefused ? servers.loginRefused() : error;
    Matcher violation = VIOLATION.matcher(error);
    if (violation.matches()) {
      forbidden(violation.group(1), violation.group(2));
      return;
    }
    reason = lastError;
    if (!connected) {
      away();
    } else if (!loginRefused && due()) {
      LOG.warn("{} says: {}", name, error);
    }
  }

  /** A line for each subject, once: a route file that isn't for this user goes on trying. */
  private void forbidden(String verb, String subject) {
    lastError =
        "this user may not "
            + (verb.toLowerCase(Locale.ROOT).startsWith("pub") ? "publish" : "subscribe")
            + " to \""
            + subject
            + "\": permit it to the user at the server (docs/nats.conf)";
    refusal = " (" + lastError + ")";
    boolean once = told.size() < MOST_TOLD && told.add(lastError);
    if (once || due()) {
      LOG.warn("{}: {}", name, lastError);
    }
  }

  @Override
  public synchronized void exceptionOccurred(Connection which, Exception e) {
    LOG.debug("{}", name, e);
    if (e instanceof InterruptedException || loginRefused && !(e instanceof ConnectException)) {
      return; // the bus stops; or what follows from the refused login
    }
    loginRefused = false;
    lastError = servers.fault(e);
    reason = lastError;
    if (!connected) {
      away();
    }
  }

  @Override
  public synchronized void slowConsumerDetected(Connection which, Consumer consumer) {
    LOG.warn("a consumer is too slow for {}: messages are dropped", name);
  }

  private void away() {
    if (due()) {
      LOG.warn("{} is away: {}", name, lastError);
    }
  }

  private synchronized boolean due() {
    long now = System.nanoTime();
    if (now - nextLine < 0) {
      return false;
    }
    nextLine = now + MINUTE;
    return true;
  }
}
