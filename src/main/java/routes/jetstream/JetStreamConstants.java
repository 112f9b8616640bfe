package routes.jetstream;

import org.apache.camel.component.nats.NatsConstants;

/** Headers of a message from {@code jetstream:}; the first two are camel-nats'. */
public final class JetStreamConstants {
  /** The subject it was published to (String). */
  public static final String SUBJECT = NatsConstants.NATS_SUBJECT;

  /** When the stream stored it, in milliseconds since 1970 (Long). */
  public static final String TIMESTAMP = NatsConstants.NATS_MESSAGE_TIMESTAMP;

  /** Its number in the stream (Long). */
  public static final String STREAM_SEQUENCE = "CamelNatsStreamSequence";

  /** How many times it has been delivered, including this time (Long). */
  public static final String DELIVERED = "CamelNatsDelivered";

  /**
   * How many failures in this process count against it (Integer): refusals, and lost connections
   * that it is suspected of causing.
   */
  public static final String REFUSED = "CamelNatsRefused";

  // Headers of a dead letter on the bus.
  static final String DEAD = "Dead-";
  static final String DEAD_GATEWAY = "Dead-Gateway";
  static final String DEAD_DEVICE = "Dead-Device";
  static final String DEAD_CONSUMER = "Dead-Consumer";
  static final String DEAD_REASON = "Dead-Reason";
  static final String DEAD_FIRST_TRY = "Dead-First-Try";
  static final String DEAD_LAST_TRY = "Dead-Last-Try";
  static final String DEAD_TRIES = "Dead-Tries";
  static final String DEAD_SUBJECT = "Dead-Subject";
  static final String DEAD_STREAM = "Dead-Stream";

  /** The publisher's message id. */
  static final String DEAD_MESSAGE_ID = "Dead-Msg-Id";

  /** Size of a body that was cut to fit into NATS's max_payload. */
  static final String DEAD_CUT = "Dead-Cut-From";

  // Headers of a replay: its durable consumer, and the publisher's message id.
  static final String REPLAY = "Replay-";
  static final String REPLAY_FOR = "Replay-For";
  static final String REPLAY_MESSAGE_ID = "Replay-Msg-Id";

  // Headers that JetStream interprets.
  static final String NATS = "Nats-";

  private JetStreamConstants() {}
}
