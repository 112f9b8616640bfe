package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import routes.bus.Bus;
import routes.bus.BusStreams;

/** What the streams of the bus hold. */
public final class StreamStates {
  /**
   * A stream.
   *
   * @param oldest when it stored its oldest message; null if it is empty
   * @param maxBytes -1 without a limit
   * @param maxAgeSeconds 0 without a limit
   */
  public record State(
      String name,
      long messages,
      long bytes,
      Instant oldest,
      long maxBytes,
      long maxAgeSeconds,
      long consumers) {}

  private StreamStates() {}

  /**
   * The streams that exist; may wait for NATS for a few seconds.
   *
   * @throws UnreadableStreamException if NATS is unavailable
   */
  public static List<State> read(Bus bus) throws UnreadableStreamException {
    Connection connection = StreamReader.connection(bus);
    List<State> states = new ArrayList<>();
    for (String name : BusStreams.NAMES) {
      try {
        states.add(state(connection.jetStreamManagement().getStreamInfo(name)));
      } catch (JetStreamApiException e) {
        if (e.getApiErrorCode() != BusStreams.NOT_FOUND) {
          throw unreadable(name, e);
        }
      } catch (IOException | IllegalStateException e) {
        throw unreadable(name, e);
      }
    }
    return states;
  }

  private static UnreadableStreamException unreadable(String name, Exception e) {
    return new UnreadableStreamException(
        "stream " + name + " cannot be read: " + DeadLetter.reason(e));
  }

  private static State state(StreamInfo info) {
    StreamState state = info.getStreamState();
    return new State(
        info.getConfiguration().getName(),
        state.getMsgCount(),
        state.getByteCount(),
        state.getMsgCount() == 0 ? null : state.getFirstTime().toInstant(),
        info.getConfiguration().getMaxBytes(),
        info.getConfiguration().getMaxAge().toSeconds(),
        state.getConsumerCount());
  }
}
