package routes.bus;

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
   * How many times it has failed in this process while the uplink was connected (Integer); failures
   * while it was away are not counted.
   */
  public static final String REFUSED = "CamelNatsRefused";

  private JetStreamConstants() {}
}
