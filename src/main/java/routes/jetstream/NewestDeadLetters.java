package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import routes.bus.Bus;

/**
 * The newest dead letters of the stream DEAD. Letters are read again only after the stream has
 * changed.
 */
public final class NewestDeadLetters {
  private static final int MOST = 20;

  /**
   * A dead letter without its body; an unknown value is "-".
   *
   * @param number its sequence in the stream
   * @param gateway id of the route that failed
   * @param lastTry an ISO date
   * @param subject of the message, percent-encoded
   * @param id the publisher's message id
   * @param bytes size of the body
   */
  public record Letter(
      long number,
      String gateway,
      String lastTry,
      String tries,
      String reason,
      String subject,
      String id,
      long bytes) {}

  /**
   * The letters, newest first.
   *
   * @param total how many the stream holds
   */
  public record Letters(long total, List<Letter> newest) {}

  private final Bus bus;
  private Letters letters = new Letters(0, List.of());
  private long lastSequence;

  public NewestDeadLetters(Bus bus) {
    this.bus = bus;
  }

  /**
   * Reads the letters; may wait for NATS for a few seconds.
   *
   * @throws UnreadableStreamException if NATS is unavailable
   */
  public synchronized Letters read() throws UnreadableStreamException, InterruptedException {
    Connection connection = StreamReader.connection(bus);
    try {
      DeadStream stream = new DeadStream(connection);
      Optional<StreamState> state = stream.state();
      long total = state.map(StreamState::getMsgCount).orElse(0L);
      long last = state.map(StreamState::getLastSequence).orElse(0L);
      if (letters.total() != total || lastSequence != last) {
        letters =
            new Letters(
                total, stream.newest(MOST).stream().map(NewestDeadLetters::letter).toList());
        lastSequence = last;
      }
      return letters;
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      throw new UnreadableStreamException("stream DEAD cannot be read: " + DeadLetter.reason(e));
    }
  }

  static Letter letter(DeadStream.Letter letter) {
    return new Letter(
        letter.number(),
        letter.get(JetStreamConstants.DEAD_GATEWAY),
        letter.get(JetStreamConstants.DEAD_LAST_TRY),
        letter.get(JetStreamConstants.DEAD_TRIES),
        letter.get(JetStreamConstants.DEAD_REASON),
        letter.get(JetStreamConstants.DEAD_SUBJECT),
        letter.get(JetStreamConstants.DEAD_MESSAGE_ID),
        letter.size());
  }
}
