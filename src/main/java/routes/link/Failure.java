package routes.link;

import routes.log.Announced;

/**
 * Why a connection or a message failed. The message is one line for people and never contains a
 * secret.
 */
final class Failure extends Exception implements Announced {
  private static final long serialVersionUID = 1L;

  enum Kind {
    /** The broker refused: the same attempt would fail again. */
    REFUSED,
    /** This device may not publish to the topic; {@link Forbidden} logs that. */
    FORBIDDEN,
    /** The broker is busy, or another client took over the session. */
    BUSY,
    /** The network or TLS failed, or the attempt timed out: the same attempt may succeed later. */
    UNREACHABLE,
    /** The broker closed an established connection. */
    CLOSED,
    /** {@link #CLOSED} while this message had been waiting longest for its PUBACK. */
    SUSPECT,
    /** The connection is replaced by one with a new credential, which sends the message. */
    RENEWED
  }

  private final Kind kind;

  Failure(Kind kind, String line) {
    this(kind, line, null);
  }

  Failure(Kind kind, String line, Throwable cause) {
    // A stack trace of the event loop is of no use.
    super(line, cause, false, false);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  @Override
  public boolean announced() {
    return kind == Kind.FORBIDDEN;
  }
}
