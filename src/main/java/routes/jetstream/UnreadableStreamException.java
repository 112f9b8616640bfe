package routes.jetstream;

/** A stream that cannot be read now; the message is the reason in one line. */
public final class UnreadableStreamException extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableStreamException(String reason) {
    super(reason);
  }
}
