package routes.jetstream;

/**
 * Counts the messages that the stream's limits removed before a gateway got them. The server counts
 * what it delivers twice: by the message's number in the stream and by a number of the consumer's
 * own; where the first one runs ahead, messages were gone.
 *
 * <p>Exact when the consumer's subject is the stream's only one (one device) and one process
 * consumes; with more devices in the stream it also counts the others' messages, with more
 * processes it may count too few. A new process counts anew what was gone before it started.
 */
final class Drops {
  private long stream;
  private long consumer;
  private long count;

  /**
   * Starts from where the server's consumer is.
   *
   * @param first the stream's oldest message; what was gone before the consumer's first delivery
   *     was never its own
   */
  synchronized void start(long first, long deliveredStream, long deliveredConsumer) {
    stream = deliveredConsumer == 0 ? Math.max(0, first - 1) : deliveredStream;
    consumer = deliveredConsumer;
  }

  /** A message came; again if it was redelivered. */
  synchronized void delivered(long streamSequence, long consumerSequence) {
    if (streamSequence > stream) {
      advance(streamSequence, consumerSequence);
    } else {
      consumer++;
    }
  }

  /**
   * The consumer is where the server says: perhaps beyond what came, or, when the server was
   * killed, a little back.
   */
  synchronized void advance(long deliveredStream, long deliveredConsumer) {
    if (deliveredStream > stream) {
      count += Math.max(0, deliveredStream - stream - (deliveredConsumer - consumer));
      stream = deliveredStream;
    }
    consumer = deliveredConsumer;
  }

  /**
   * Nothing may come while messages go.
   *
   * @param first the stream's oldest message, asked for before the other two
   */
  synchronized void idle(long first, long deliveredStream, long deliveredConsumer) {
    long gone = Math.max(first - 1, deliveredStream);
    if (deliveredConsumer == consumer && gone > stream) {
      count += gone - stream;
      stream = gone;
    }
  }

  /** Messages were delivered, failed, and were gone before they were delivered again. */
  synchronized void add(long messages) {
    count += messages;
  }

  synchronized long count() {
    return count;
  }
}
