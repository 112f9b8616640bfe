package routes.history;

/** A request for history that cannot be answered. */
final class HistoryException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status the HTTP status
   * @param reason what is wrong and how to fix it, in one line
   */
  HistoryException(int status, String reason) {
    super(reason);
    this.status = status;
  }

  int status() {
    return status;
  }
}
