package routes.log;

/** A failure that the code which detected it may already have logged. */
public interface Announced {
  boolean announced();

  /** Whether the throwable or one of its causes is such a failure. */
  static boolean isIn(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof Announced failure && failure.announced()) {
        return true;
      }
    }
    return false;
  }
}
