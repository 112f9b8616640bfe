package routes.jetstream;

import org.apache.camel.component.nats.NatsConstants;

/** Headers of a message from {@code jetstream:}; the first two are camel-nats' own. */
public final class JetStreamConstants {
  /** The subject it was published to (String). */
  public static final String SUBJECT = NatsConstants.NATS_SUBJECT;

  /** When the stream stored it, in milliseconds since 1970 (Long). */
  public static final String TIMESTAMP = NatsConstants.NATS_MESSAGE_TIMESTAMP;

  /** Its number in the stream (Long). */
  public static final String STREAM_SEQUENCE = "CamelNatsStreamSequence";

  /** How many times it has been delivered, this time included (Long). */
  public static final String DELIVERED = "CamelNatsDelivered";

  /**
   * How many failures in this process count against it (Integer): refusals, and losses of the
   * connection that it is suspected of.
   */
  public static final String REFUSED = "CamelNatsRefused";

  // Headers on the bus: of a dead letter, ...
  static final String DEAD = "Dead-";
  static final String DEAD_GATEWAY = "Dead-Gateway";
  static final String DEAD_REASON = "Dead-Reason";
  static final String DEAD_FIRST_TRY = "Dead-First-Try";
  static final String DEAD_LAST_TRY = "Dead-Last-Try";
  static final String DEAD_TRIES = "Dead-Tries";
  static final String DEAD_SUBJECT = "Dead-Subject";
  static final String DEAD_STREAM = "Dead-Stream";

  /** The publisher's {@link #MESSAGE_ID}. */
  static final String DEAD_MESSAGE_ID = "Dead-Msg-Id";

  /** How many bytes the body had before NATS's max_payload had it cut. */
  static final String DEAD_CUT = "Dead-Cut-From";

  // ... of one that is published again: the only gateway that it is for, the publisher's id ...
  static final String REPLAY = "Replay-";
  static final String REPLAY_FOR = "Replay-For";
  static final String REPLAY_MESSAGE_ID = "Replay-Msg-Id";

  // ... and what steers JetStream.
  static final String NATS = "Nats-";
  static final String MESSAGE_ID = "Nats-Msg-Id";

  private JetStreamConstants() {}
}
