package routes.tls;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns about certificates and credentials that expire within {@code tls.warn-before}: one line per
 * day for each. A server's own certificate is somebody else's to renew.
 */
final class ExpiryWarnings {
  private static final Logger LOG = LoggerFactory.getLogger("certificates");
  private static final Duration AGAIN = Duration.ofDays(1);

  private final List<Expiry> expiries;
  private final Duration before;
  private final InstantSource clock;
  private final Map<String, Instant> logged = new HashMap<>();

  ExpiryWarnings(List<Expiry> expiries, Duration before, InstantSource clock) {
    this.expiries = expiries.stream().filter(Expiry::own).toList();
    this.before = before;
    this.clock = clock;
  }

  /** The current warnings. */
  List<String> current() {
    return expiries.stream().flatMap(expiry -> warning(expiry).stream()).toList();
  }

  private Optional<String> warning(Expiry expiry) {
    Instant now = clock.instant();
    return expiry
        .end()
        .filter(end -> end.isBefore(now.plus(before)))
        .map(
            end ->
                end.isAfter(now)
                    ? "%s expires in %s, on %s; renew it"
                        .formatted(expiry.name(), left(Duration.between(now, end)), end)
                    : "%s expired on %s; renew it".formatted(expiry.name(), end));
  }

  private static String left(Duration left) {
    return left.toDays() > 1 ? left.toDays() + " days" : left.toHours() + " hours";
  }

  /** Logs the warnings that are due. */
  void log() {
    Instant now = clock.instant();
    for (Expiry expiry : expiries) {
      Instant last = logged.get(expiry.name());
      if (last == null || !now.isBefore(last.plus(AGAIN))) {
        warning(expiry)
            .ifPresent(
                line -> {
                  logged.put(expiry.name(), now);
                  LOG.warn(line);
                });
      }
    }
  }
}
