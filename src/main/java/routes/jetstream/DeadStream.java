package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import routes.bus.BusStreams;

/**
 * The stream DEAD as an operator sees it. Operations that are not possible throw an {@link
 * IllegalStateException} with the reason in one line.
 */
final class DeadStream {
  /** Error codes for a missing message and for a missing stream. */
  private static final Set<Integer> NONE = Set.of(10037, 10043, 10057, BusStreams.NOT_FOUND);

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /**
   * A letter without its body.
   *
   * @param number its sequence in the stream
   * @param size bytes of the body
   */
  record Letter(long number, Headers headers, long size) {
    /** A header's value, or "-". */
    String get(String name) {
      String value = headers == null ? null : headers.getFirst(name);
      return value == null ? "-" : value;
    }
  }

  private final JetStream stream;
  private final JetStreamManagement management;

  DeadStream(Connection connection) throws IOException {
    this.stream = connection.jetStream();
    this.management = connection.jetStreamManagement();
  }

  /**
   * The letters, oldest first.
   *
   * @param gateway id of their route, with or without {@code gateway-}; null for all
   */
  List<Letter> list(String gateway)
      throws IOException, JetStreamApiException, InterruptedException {
    List<Letter> letters = new ArrayList<>();
    if (isEmpty()) {
      return letters;
    }
    JetStreamSubscription subscription =
        stream.subscribe(
            BusStreams.DEAD_SUBJECTS,
            PushSubscribeOptions.builder().stream(BusStreams.DEAD)
                .ordered(true)
                .configuration(ConsumerConfiguration.builder().headersOnly(true).build())
                .build());
    try {
      long pending = subscription.getConsumerInfo().getCalculatedPending();
      while (pending > 0) {
        Message message = subscription.nextMessage(TIMEOUT);
        if (message == null) {
          throw new IllegalStateException("NATS sent no more letters within 5 s: try again");
        }
        pending = message.metaData().pendingCount();
        Letter letter =
            new Letter(
                message.metaData().streamSequence(),
                message.getHeaders(),
                Long.parseLong(DeadLetter.header(message, "Nats-Msg-Size")));
        String of = letter.get(JetStreamConstants.DEAD_GATEWAY);
        if (gateway == null || of.equals(gateway) || of.equals("gateway-" + gateway)) {
          letters.add(letter);
        }
      }
    } finally {
      subscription.unsubscribe();
    }
    return letters;
  }

  private boolean isEmpty() throws IOException, JetStreamApiException {
    try {
      return management.getStreamInfo(BusStreams.DEAD).getStreamState().getMsgCount() == 0;
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == BusStreams.NOT_FOUND) {
        return true;
      }
      throw e;
    }
  }

  /** A letter with its body. */
  MessageInfo get(long number) throws IOException, JetStreamApiException {
    try {
      return management.getMessage(BusStreams.DEAD, number);
    } catch (JetStreamApiException e) {
      throw missing(number, e);
    }
  }

  /**
   * Publishes a letter's message again, for the consumer that failed, and then removes the letter.
   * Repeating an interrupted replay within two minutes creates no duplicate.
   */
  void replay(long number) throws IOException, JetStreamApiException {
    MessageInfo letter = get(number);
    Headers headers = letter.getHeaders();
    if (headers == null
        || !headers.containsKey(JetStreamConstants.DEAD_SUBJECT)
        || !headers.containsKey(JetStreamConstants.DEAD_CONSUMER)) {
      throw new IllegalStateException(number + " is not a dead letter of a gateway: drop it");
    }
    if (headers.containsKey(JetStreamConstants.DEAD_CUT)) {
      throw new IllegalStateException(
          number + " was cut to fit into NATS's max_payload and cannot be replayed");
    }
    String origin = headers.getFirst(JetStreamConstants.DEAD_STREAM);
    StreamConfiguration stored = management.getStreamInfo(origin).getConfiguration();
    // Whoever may publish to dead.> could else have it published to $JS.API, by whoever replays it.
    if (!covers(stored, DeadLetter.subject(headers))) {
      throw new IllegalStateException(
          number + " names a subject that is not in stream " + origin + ": drop it");
    }
    if (stored.getMaxMsgsPerSubject() == 1) {
      throw new IllegalStateException(
          number + " would replace a newer one in " + origin + ": drop it");
    }
    stream.publish(DeadLetter.replay(headers, letter.getData()));
    drop(number);
  }

  private static boolean covers(StreamConfiguration stream, String subject) {
    return !subject.startsWith("$")
        && stream.getSubjects().stream()
            .map(filter -> filter.replace(".", "\\.").replace("*", "[^.]+").replace(">", ".+"))
            .anyMatch(subject::matches);
  }

  void drop(long number) throws IOException, JetStreamApiException {
    try {
      management.deleteMessage(BusStreams.DEAD, number, false);
    } catch (JetStreamApiException e) {
      throw missing(number, e);
    }
  }

  private static JetStreamApiException missing(long number, JetStreamApiException e) {
    if (NONE.contains(e.getApiErrorCode())) {
      throw new IllegalStateException("no dead letter " + number + "; dead list shows them");
    }
    return e;
  }
}
