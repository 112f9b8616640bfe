package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamState;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import routes.bus.BusStreams;

/**
 * An operator's view of the stream DEAD. Operations that are not possible throw an {@link
 * IllegalStateException} with the reason in one line.
 */
final class DeadStream {
  /** Error codes for a missing message and for a missing stream. */
  private static final Set<Integer> NONE = Set.of(10037, 10043, 10057, BusStreams.NOT_FOUND);

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int NEWEST = 1000;

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
   * The dead letters, oldest first.
   *
   * @param gateway id of their route, with or without {@code gateway-}; null for all
   */
  List<Letter> list(String gateway)
      throws IOException, JetStreamApiException, InterruptedException {
    List<Letter> letters = new ArrayList<>();
    if (state().isPresent()) {
      read(
          ConsumerConfiguration.builder(),
          letter -> {
            String of = letter.get(JetStreamConstants.DEAD_GATEWAY);
            if (gateway == null || of.equals(gateway) || of.equals("gateway-" + gateway)) {
              letters.add(letter);
            }
          });
    }
    return letters;
  }

  /**
   * The newest dead letters, newest first. Looks at the newest {@value #NEWEST} places of the
   * stream only; those of removed letters are empty.
   */
  List<Letter> newest(int most) throws IOException, JetStreamApiException, InterruptedException {
    Deque<Letter> letters = new ArrayDeque<>();
    StreamState state = state().orElse(null);
    if (state != null) {
      long start = Math.max(state.getFirstSequence(), state.getLastSequence() - NEWEST + 1);
      read(
          ConsumerConfiguration.builder()
              .deliverPolicy(DeliverPolicy.ByStartSequence)
              .startSequence(start),
          letter -> {
            letters.addFirst(letter);
            if (letters.size() > most) {
              letters.removeLast();
            }
          });
    }
    return List.copyOf(letters);
  }

  /**
   * The letters in the newest {@value #NEWEST} places of the stream before a number, newest first.
   *
   * @param page takes each letter
   * @return the first of these places; the stream has nothing before it if it is at most 1
   */
  long before(long number, Consumer<Letter> page)
      throws IOException, JetStreamApiException, InterruptedException {
    StreamState state = state().orElse(null);
    long last = state == null ? 0 : Math.min(number - 1, state.getLastSequence());
    if (state == null || last < state.getFirstSequence()) {
      return 0;
    }
    long first = Math.max(state.getFirstSequence(), last - NEWEST + 1);
    Deque<Letter> letters = new ArrayDeque<>();
    read(
        ConsumerConfiguration.builder()
            .deliverPolicy(DeliverPolicy.ByStartSequence)
            .startSequence(first),
        last,
        letters::addFirst);
    letters.forEach(page);
    return first == state.getFirstSequence() ? 0 : first;
  }

  private void read(ConsumerConfiguration.Builder consumer, Consumer<Letter> letters)
      throws IOException, JetStreamApiException, InterruptedException {
    read(consumer, Long.MAX_VALUE, letters);
  }

  private void read(ConsumerConfiguration.Builder consumer, long last, Consumer<Letter> letters)
      throws IOException, JetStreamApiException, InterruptedException {
    JetStreamSubscription subscription =
        stream.subscribe(
            BusStreams.DEAD_SUBJECTS,
            PushSubscribeOptions.builder().stream(BusStreams.DEAD)
                .ordered(true)
                .configuration(consumer.headersOnly(true).build())
                .build());
    try {
      long pending = subscription.getConsumerInfo().getCalculatedPending();
      while (pending > 0) {
        Message message = subscription.nextMessage(TIMEOUT);
        if (message == null) {
          throw new IllegalStateException("timed out after 5 s while reading letters; try again");
        }
        pending = message.metaData().pendingCount();
        long number = message.metaData().streamSequence();
        if (number > last) {
          return;
        }
        letters.accept(
            new Letter(
                number,
                message.getHeaders(),
                Long.parseLong(DeadLetter.header(message, "Nats-Msg-Size"))));
      }
    } finally {
      subscription.unsubscribe();
    }
  }

  /** The state of the stream; empty if it holds no letter. */
  Optional<StreamState> state() throws IOException, JetStreamApiException {
    try {
      return Optional.of(management.getStreamInfo(BusStreams.DEAD).getStreamState())
          .filter(state -> state.getMsgCount() > 0);
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == BusStreams.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** A letter with its body; null if there is none. */
  MessageInfo find(long number) throws IOException, JetStreamApiException {
    try {
      return management.getMessage(BusStreams.DEAD, number);
    } catch (JetStreamApiException e) {
      if (NONE.contains(e.getApiErrorCode())) {
        return null;
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
      throw new IllegalStateException(number + " is not a gateway's dead letter; drop it");
    }
    if (headers.containsKey(JetStreamConstants.DEAD_CUT)) {
      throw new IllegalStateException(
          number + " was cut to fit into NATS's max_payload and cannot be replayed");
    }
    String origin = headers.getFirst(JetStreamConstants.DEAD_STREAM);
    StreamConfiguration stored = management.getStreamInfo(origin).getConfiguration();
    // Otherwise a publisher to dead.> could trick the operator into publishing to $JS.API.
    if (!covers(stored, DeadLetter.subject(headers))) {
      throw new IllegalStateException(
          number + " has a subject that is not in stream " + origin + "; drop it");
    }
    if (stored.getMaxMsgsPerSubject() == 1) {
      throw new IllegalStateException(
          number + " would replace a newer message in " + origin + "; drop it");
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
      throw new IllegalStateException("no dead letter " + number + "; list them with: dead list");
    }
    return e;
  }
}
