package routes.steps;

import java.time.Duration;
import java.time.Instant;

/**
 * The state of an alert for one subject.
 *
 * @param since when the number first went beyond the threshold; null if it is not beyond it
 */
record AlertState(Phase phase, Instant since) {
  enum Phase {
    OK,
    /** The number is beyond the threshold, but not for long enough. */
    PENDING,
    FIRED
  }

  static final AlertState NONE = new AlertState(Phase.OK, null);

  /** The state after one more number. */
  AlertState next(AlertEndpoint alert, double number, Instant time) {
    if (phase == Phase.FIRED) {
      return alert.clears(number) ? NONE : this;
    }
    if (!alert.exceeds(number)) {
      return NONE;
    }
    Instant start = phase == Phase.PENDING ? since : time;
    boolean fires = Duration.between(start, time).compareTo(alert.getFor()) >= 0;
    return new AlertState(fires ? Phase.FIRED : Phase.PENDING, start);
  }

  /** Whether the change to another state is reported. */
  boolean isReported(AlertState next) {
    return (phase == Phase.FIRED) != (next.phase == Phase.FIRED);
  }

  /** The text that {@link #parse} reads. */
  String text() {
    return since == null ? phase.name() : phase + " " + since;
  }

  /** An unreadable text is the state of an alert that was never evaluated. */
  static AlertState parse(String text) {
    try {
      String[] parts = text.split(" ");
      return parts.length == 1
          ? NONE
          : new AlertState(Phase.valueOf(parts[0]), Instant.parse(parts[1]));
    } catch (RuntimeException e) {
      return NONE;
    }
  }
}
