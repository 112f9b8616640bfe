package routes.link;

/**
 * Thrown for a message from the cloud whose content does not match its topic. The message is
 * dropped and counted.
 */
public final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message the message and what is wrong with it, as the end of a line that starts with
   *     "dropped"
   */
  public MalformedMessageException(String message) {
    super(message);
  }
}
