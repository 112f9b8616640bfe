package routes.bus;

import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.io.OutputStream;
import java.security.NoSuchAlgorithmException;

/** Files in object stores of the bus (docs.nats.io/nats-concepts/jetstream/obj_store). */
public final class BusObjects {
  private final Bus bus;

  public BusObjects(Bus bus) {
    this.bus = bus;
  }

  /**
   * Copies an object. What {@code out} throws is passed on.
   *
   * @throws IOException if NATS is unavailable or has no such object
   */
  public void copy(String bucket, String name, OutputStream out)
      throws IOException, InterruptedException {
    try {
      bus.require().objectStore(bucket).get(name, out);
    } catch (JetStreamApiException e) {
      String why =
          e.getErrorCode() == 404
              ? "no such object store or object; create it with: nats object add " + bucket
              : e.getMessage();
      throw new IOException(why, e);
    } catch (NoSuchAlgorithmException | IllegalArgumentException | IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
