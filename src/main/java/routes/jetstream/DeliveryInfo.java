package routes.jetstream;

/**
 * The numbers that a message's reply subject carries (NATS ADR-15): {@code
 * $JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivered>.<stream sequence>.<consumer
 * sequence>.<timestamp>.<pending>[.<token>]}. jnats parses the same subject but splits it into
 * strings and converts the time through a calendar, which is too slow per message.
 *
 * @param delivered how many times the message has been delivered
 * @param timestamp when the stream stored it, in ns since 1970
 */
record DeliveryInfo(long delivered, long streamSequence, long consumerSequence, long timestamp) {
  /** Tokens before the first number, without and with a domain. */
  private static final int SHORT = 4;

  private static final int LONG = 6;

  /** Dots of a subject without a domain. */
  private static final int SHORT_DOTS = 8;

  /**
   * @throws IllegalArgumentException for any other subject
   */
  static DeliveryInfo of(String reply) {
    int dots = 0;
    for (int i = 0; i < reply.length(); i++) {
      dots += reply.charAt(i) == '.' ? 1 : 0;
    }
    if (!reply.startsWith("$JS.ACK.") || dots < SHORT_DOTS) {
      throw new IllegalArgumentException("not the reply subject of a delivery: " + reply);
    }
    int start = 0;
    for (int tokens = dots == SHORT_DOTS ? SHORT : LONG; tokens > 0; tokens--) {
      start = reply.indexOf('.', start) + 1;
    }
    long[] numbers = new long[4];
    for (int i = 0; i < numbers.length; i++) {
      int end = reply.indexOf('.', start);
      numbers[i] = Long.parseLong(reply, start, end, 10);
      start = end + 1;
    }
    return new DeliveryInfo(numbers[0], numbers[1], numbers[2], numbers[3]);
  }
}
