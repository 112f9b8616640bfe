package routes.uplink;

/** A message that no gateway can send; it becomes a dead letter at once, unsent. */
public final class InvalidMessageException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong and what is allowed, in one line
   */
  public InvalidMessageException(String message) {
    super(message);
  }
}
