package routes.link;

/** Why a connection or a message failed: the message is one line for people, never a secret. */
final class Failure extends Exception {
  private static final long serialVersionUID = 1L;

  enum Kind {
    /** The broker answered no: the same try would fail again. */
    REFUSED,
    /** The broker answered that it has no room now: the same try may succeed later. */
    BUSY,
    /** The network, TLS or time failed: the same try may succeed later. */
    UNREACHABLE,
    /** As {@link #UNREACHABLE}, by the far end: it ended a connection that stood. */
    CLOSED,
    /**
     * {@link #CLOSED} while this message had waited longest for its PUBACK: perhaps because of it.
     */
    SUSPECT,
    /** The connection was given up for one with a new credential: that one takes the message. */
    RENEWED
  }

  private final Kind kind;

  Failure(Kind kind, String line) {
    this(kind, line, null);
  }

  Failure(Kind kind, String line, Throwable cause) {
    super(line, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /** Whether the broker has answered, so that the connection stands. */
  boolean answered() {
    return kind == Kind.REFUSED || kind == Kind.BUSY;
  }
}
