package routes.link;

import java.util.concurrent.TimeUnit;

/**
 * Limits a connection to the number of messages per second that its cloud accepts. The cloud counts
 * messages on arrival, and after a network stall they arrive together. So a message holds its slot
 * until one second after its PUBACK. Used on the event loop only.
 */
final class Pace {
  private final boolean any;
  private final Runnable freed;
  private int slots;

  /**
   * @param perSecond {@link ConnectionPolicy#ANY_RATE} for a cloud without a limit
   * @param freed called when a slot becomes free
   */
  Pace(int perSecond, Runnable freed) {
    this.any = perSecond == ConnectionPolicy.ANY_RATE;
    this.slots = perSecond;
    this.freed = freed;
  }

  boolean isFull() {
    return slots == 0;
  }

  void enter() {
    if (!any) {
      slots--;
    }
  }

  /** The message has arrived, or never will. */
  void leave() {
    if (!any) {
      LinkLoop.schedule(
          () -> {
            slots++;
            freed.run();
          },
          1,
          TimeUnit.SECONDS);
    }
  }
}
