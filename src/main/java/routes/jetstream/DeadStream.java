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
 * The stream DEAD as an operator sees it. What can't be done throws an {@link
 * IllegalStateException} that says why in one line.
 */
final class DeadStream {
  /** Answers to a number that isn't there, and to any number where the stream isn't. */
  private static final Set<Integer> NONE = Set.of(10037, 10043, 10057, BusStreams.NOT_FOUND);

  private static final Duration PATIENCE = Duration.ofSeconds(5);

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
   * The letters there are, the oldest first.
   *
   * @param gateway whose, with or without gateway- before it; null for everyone's
   */
  List<Letter> list(String gateway)
      throws IOException, JetStreamApiException, InterruptedException {
    List<Letter> letters = new ArrayList<>();
    if (isEmpty()) {
      return letters;
    }
    JetStreamSubscription subscription =
        stream.subscribe(
            DeadLetter.SUBJECTS,
            PushSubscribeOptions.builder().stream(DeadLetter.STREAM)
                .ordered(true)
                .configuration(ConsumerConfiguration.builder().headersOnly(true).build())
                .build());
    try {
      long pending = subscription.getConsumerInfo().getCalculatedPending();
      while (pending > 0) {
        Message message = subscription.nextMessage(PATIENCE);
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
      return management.getStreamInfo(DeadLetter.STREAM).getStreamState().getMsgCount() == 0;
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
      return management.getMessage(DeadLetter.STREAM, number);
    } catch (JetStreamApiException e) {
      throw missing(number, e);
    }
  }

  /**
   * Publishes a letter's message again, for its gateway alone, and then removes the letter. If it
   * is interrupted between the two, doing it again within two minutes doubles nothing.
   */
  void replay(long number) throws IOException, JetStreamApiException {
    MessageInfo letter = get(number);
    Headers headers = letter.getHeaders();
    if (headers == null
        || !headers.containsKey(JetStreamConstants.DEAD_SUBJECT)
        || !headers.containsKey(JetStreamConstants.DEAD_GATEWAY)) {
      throw new IllegalStateException(number + " is no dead letter of a gateway: drop it");
    }
    if (headers.containsKey(JetStreamConstants.DEAD_CUT)) {
      throw new IllegalStateException(
          number + " was cut to fit into NATS's max_payload: it can't be replayed");
    }
    String origin = headers.getFirst(JetStreamConstants.DEAD_STREAM);
    StreamConfiguration stored = management.getStreamInfo(origin).getConfiguration();
    // Whoever may publish to dead.> could else have it published to $JS.API, by whoever replays it.
    if (!covers(stored, headers.getFirst(JetStreamConstants.DEAD_SUBJECT))) {
      throw new IllegalStateException(
          number + " names a subject that isn't of stream " + origin + ": drop it");
    }
    if (stored.getMaxMsgsPerSubject() == 1) {
      throw new IllegalStateException(
          number + " would take the place of a newer one in " + origin + ": drop it");
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
      management.deleteMessage(DeadLetter.STREAM, number, false);
    } catch (JetStreamApiException e) {
      throw missing(number, e);
    }
  }

  private static JetStreamApiException missing(long number, JetStreamApiException e) {
    if (NONE.contains(e.getApiErrorCode())) {
      throw new IllegalStateException("there is no dead letter " + number + ": list shows which");
    }
    return e;
  }
}
