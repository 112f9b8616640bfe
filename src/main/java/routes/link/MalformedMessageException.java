package routes.link;

/** A message from the cloud that is not what its topic says; it is dropped and counted. */
public final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what it is and what is wrong, as the end of a line that begins with "dropped"
   */
  public MalformedMessageException(String message) {
    super(message);
  }
}
