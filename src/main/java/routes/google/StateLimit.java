package routes.google;

import org.apache.camel.Body;
import org.apache.camel.Handler;

/** Stops a state that the registry wouldn't take: it would end the connection again and again. */
public final class StateLimit {
  private static final int LARGEST_STATE = 64 * 1024;

  /**
   * @throws IllegalArgumentException for more than 64 KB
   */
  @Handler
  public void check(@Body byte[] state) {
    if (state.length > LARGEST_STATE) {
      throw new IllegalArgumentException(
          "a state of " + state.length + " bytes: the registry takes " + LARGEST_STATE);
    }
  }
}
