package routes.jetstream;

/**
 * The latest messages that were delivered or became dead letters. nats-server stores
 * acknowledgements with a delay. A killed server redelivers the messages whose acknowledgements it
 * had not stored; these are acknowledged again instead of being sent again.
 *
 * <p>A sequence alone does not identify a message: a server that loses its newest messages in a
 * power cut reuses their sequences. The time of storage, in ns, does.
 */
final class RecentlyDone {
  private static final int PAGE = 1 << 10;
  private static final int PAGES = 16;

  /** Times of storage, by sequence; a page is created when it is needed. */
  private final long[][] timestamps = new long[PAGES][];

  synchronized void add(DeliveryInfo message) {
    int page = page(message);
    if (timestamps[page] == null) {
      timestamps[page] = new long[PAGE];
    }
    timestamps[page][place(message)] = message.timestamp();
  }

  synchronized boolean contains(DeliveryInfo message) {
    long[] page = timestamps[page(message)];
    return page != null && page[place(message)] == message.timestamp();
  }

  private static int page(DeliveryInfo message) {
    return (int) (message.streamSequence() / PAGE % PAGES);
  }

  private static int place(DeliveryInfo message) {
    return (int) (message.streamSequence() % PAGE);
  }
}
