package routes.link;

import java.util.concurrent.TimeUnit;

/**
 * Keeps a connection to the number of messages that its cloud accepts in any second. The cloud
 * counts them as they arrive, and after a stall of the network they arrive together. So a message
 * keeps its place until a second after its PUBACK. Used on the event loop only.
 */
final class Pace {
  private final boolean any;
  private final Runnable freed;
  private int places;

  /**
   * @param perSecond {@link ConnectionPolicy#ANY_RATE} for a cloud without a limit
   * @param freed called when a place has become free
   */
  Pace(int perSecond, Runnable freed) {
    this.any = perSecond == ConnectionPolicy.ANY_RATE;
    this.places = perSecond;
    this.freed = freed;
  }

  boolean isFull() {
    return places == 0;
  }

  void enter() {
    if (!any) {
      places--;
    }
  }

  /** The message has arrived, or never will. */
  void leave() {
    if (!any) {
      LinkLoop.schedule(
          () -> {
            places++;
            freed.run();
          },
          1,
          TimeUnit.SECONDS);
    }
  }
}
