package routes.link;

import routes.log.Announced;

/** Why a connection or a message failed: the message is one line for people, never a secret. */
final class Failure extends Exception implements Announced {
  private static final long serialVersionUID = 1L;

  enum Kind {
    /** The broker refused: the same attempt would fail again. */
    REFUSED,
    /**
     * The broker does not permit this device to publish to the topic: {@link Forbidden} logs it.
     */
    FORBIDDEN,
    /** The broker has no room now, or another client took the connection over. */
    BUSY,
    /** The network, TLS or time failed: the same attempt may succeed later. */
    UNREACHABLE,
    /** The broker ended a connection that stood. */
    CLOSED,
    /** {@link #CLOSED} while this message had waited longest for its PUBACK. */
    SUSPECT,
    /** The connection gives way to one with a new credential, which takes the message. */
    RENEWED
  }

  private final Kind kind;

  Failure(Kind kind, String line) {
    this(kind, line, null);
  }

  Failure(Kind kind, String line, Throwable cause) {
    // The stack of an event loop leads nowhere.
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
