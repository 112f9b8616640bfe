package routes.bus;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.log.Loops;
import routes.log.RateLimitedLog;
import routes.settings.SettingException;

/**
 * Logs the state of the connection: one line when it connects, disconnects and reconnects, and at
 * most one per minute while NATS is unavailable. Remembers the last error.
 */
final class BusLog implements ErrorListener {
  private static final Logger LOG = LoggerFactory.getLogger("bus");
  private static final String UNAVAILABLE = "unavailable";
  private static final String STREAMS = "streams";

  private static final Pattern VIOLATION =
      Pattern.compile("(?i).*permissions violation for (\\w+) to \"([^\"]+)\".*");

  private final RateLimitedLog limited = new RateLimitedLog(LOG);
  private final BusServers servers;
  private boolean connected;
  private boolean loginRefused;
  private String lastError;
  private String reason; // the last error of this connection
  private String refusal = "";

  BusLog(BusServers servers) {
    this.servers = servers;
  }

  /** NATS and its addresses. */
  String name() {
    return "NATS at " + servers;
  }

  synchronized Optional<String> lastError() {
    return Optional.ofNullable(lastError);
  }

  /** The permission denied most recently since the last call, in parentheses; or empty. */
  synchronized String takeRefusal() {
    String last = refusal;
    refusal = "";
    return last;
  }

  synchronized void up(boolean again, Duration outage) {
    connected = true;
    loginRefused = false;
    reason = null;
    limited.reset(UNAVAILABLE);
    if (again) {
      LOG.info("reconnected to {} after {} s", name(), outage.toSeconds());
    } else {
      LOG.info("connected to {}", name());
    }
  }

  synchronized void down() {
    connected = false;
    limited.warn(
        UNAVAILABLE,
        "disconnected from " + name() + ": " + (reason == null ? "connection closed" : reason));
  }

  /** An attempt to connect failed. */
  synchronized void failed(Exception e) {
    if (e instanceof AuthenticationException) {
      errorOccurred(null, "authorization violation");
    } else if (lastError == null || e instanceof SettingException) {
      exceptionOccurred(null, e);
    }
    logUnavailable();
  }

  /** The renewed files are not accepted; the connection remains. */
  synchronized void notRenewed(Exception e) {
    // jnats reports the reason to this listener and throws "Unable to connect".
    boolean reported = lastError != null && !(e instanceof SettingException);
    LOG.warn(
        "{} does not accept the renewed files: {}; the previous connection stays open",
        name(),
        reported ? lastError : servers.fault(e));
  }

  void streams(String before, Optional<String> problem) {
    if (problem.isEmpty() && before != null) {
      LOG.info("the streams are available again");
    }
    if (problem.isPresent()) {
      if (!problem.get().equals(before)) {
        limited.reset(STREAMS);
      }
      limited.warn(STREAMS, problem.get());
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
      logUnavailable();
    } else if (!loginRefused) {
      limited.warn(name() + " reports: " + error);
    }
  }

  /** A route whose subject is forbidden keeps retrying, so the warning is rate-limited. */
  private void forbidden(String verb, String subject) {
    lastError =
        "this user may not "
            + (verb.toLowerCase(Locale.ROOT).startsWith("pub") ? "publish" : "subscribe")
            + " to \""
            + subject
            + "\"; grant the permission on the server (docs/nats.conf)";
    refusal = " (" + lastError + ")";
    limited.warn(name() + ": " + lastError);
  }

  @Override
  public synchronized void exceptionOccurred(Connection which, Exception e) {
    LOG.debug("{}", name(), e);
    if (e.getCause() instanceof Error error) {
      Loops.failed("NATS messages", error); // jnats wraps what a handler throws
    }
    boolean another = e instanceof ConnectException || e instanceof SettingException;
    if (e instanceof InterruptedException || loginRefused && !another) {
      return; // the bus is stopping, or this error follows from the refused login
    }
    loginRefused = false;
    lastError = servers.fault(e);
    reason = lastError;
    if (!connected) {
      logUnavailable();
    }
  }

  @Override
  public synchronized void slowConsumerDetected(Connection which, Consumer consumer) {
    LOG.warn("slow consumer on {}: messages are dropped", name());
  }

  private void logUnavailable() {
    limited.warn(UNAVAILABLE, name() + " is unavailable: " + lastError);
  }
}
