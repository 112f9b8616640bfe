package routes.log;

/** A failure that may be logged already, by the code that found it: a state, not an event. */
public interface Announced {
  boolean announced();

  /** Whether such a failure is what was thrown, or its cause. */
  static boolean isIn(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof Announced failure && failure.announced()) {
        return true;
      }
    }
    return false;
  }
}
