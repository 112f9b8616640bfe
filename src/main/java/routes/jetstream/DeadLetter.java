package routes.jetstream;

import static routes.jetstream.JetStreamConstants.DEAD;
import static routes.jetstream.JetStreamConstants.DEAD_CUT;
import static routes.jetstream.JetStreamConstants.DEAD_FIRST_TRY;
import static routes.jetstream.JetStreamConstants.DEAD_GATEWAY;
import static routes.jetstream.JetStreamConstants.DEAD_LAST_TRY;
import static routes.jetstream.JetStreamConstants.DEAD_MESSAGE_ID;
import static routes.jetstream.JetStreamConstants.DEAD_REASON;
import static routes.jetstream.JetStreamConstants.DEAD_STREAM;
import static routes.jetstream.JetStreamConstants.DEAD_SUBJECT;
import static routes.jetstream.JetStreamConstants.DEAD_TRIES;
import static routes.jetstream.JetStreamConstants.MESSAGE_ID;
import static routes.jetstream.JetStreamConstants.NATS;
import static routes.jetstream.JetStreamConstants.REPLAY;
import static routes.jetstream.JetStreamConstants.REPLAY_FOR;
import static routes.jetstream.JetStreamConstants.REPLAY_MESSAGE_ID;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsJetStreamMetaData;
import io.nats.client.impl.NatsMessage;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;

/** A message on its way to the stream DEAD and back: what becomes of its headers. */
public final class DeadLetter {
  public static final String STREAM = "DEAD";
  public static final String SUBJECTS = "dead.>";

  private static final int LONGEST_REASON = 300;

  private DeadLetter() {}

  /**
   * The letter about a message: its body, its publisher's headers, and why it is dead. It has an id
   * of its own, which is always the same for one message and gateway.
   *
   * @param most bytes of body and headers that NATS takes; what is beyond is cut off the body
   */
  static Message of(Message message, String gateway, Tries tries, String reason, long most) {
    NatsJetStreamMetaData about = message.metaData();
    Instant stored = about.timestamp().toInstant();
    Headers published = published(message);
    String id = published.getFirst(MESSAGE_ID);
    Headers headers = without(published, NATS, DEAD);
    if (id != null) {
      headers.put(DEAD_MESSAGE_ID, id);
    }
    // The number alone would come again when the stream is made anew.
    headers.put(
        MESSAGE_ID,
        String.format(
            "%s-%d-%d%09d",
            ascii(gateway), about.streamSequence(), stored.getEpochSecond(), stored.getNano()));
    headers.put(DEAD_GATEWAY, ascii(gateway));
    headers.put(DEAD_REASON, ascii(reason));
    headers.put(DEAD_FIRST_TRY, tries.first().toString());
    headers.put(DEAD_LAST_TRY, Instant.now().toString());
    headers.put(DEAD_TRIES, String.valueOf(tries.count()));
    headers.put(DEAD_SUBJECT, message.getSubject());
    headers.put(DEAD_STREAM, about.getStream());
    byte[] body = message.getData() == null ? new byte[0] : message.getData();
    if (headers.serializedLength() + body.length > most) {
      headers.put(DEAD_CUT, String.valueOf(body.length));
      body = Arrays.copyOf(body, (int) Math.max(0, most - headers.serializedLength()));
    }
    return NatsMessage.builder().subject(subject(gateway)).headers(headers).data(body).build();
  }

  /** Where the letters of a gateway go. */
  static String subject(String gateway) {
    return "dead." + gateway.replaceAll("[^A-Za-z0-9_-]", "_");
  }

  /** A message's headers as its publisher gave them, if it is a replay too. */
  static Headers published(Message message) {
    Headers headers = message.getHeaders();
    if (headers == null || !headers.containsKey(REPLAY_FOR)) {
      return headers == null ? new Headers() : headers;
    }
    Headers published = without(headers, REPLAY, MESSAGE_ID);
    String id = headers.getFirst(REPLAY_MESSAGE_ID);
    return id == null ? published : published.put(MESSAGE_ID, id);
  }

  private static Headers without(Headers headers, String... beginnings) {
    Headers rest = new Headers();
    headers.forEach(
        (name, values) -> {
          if (Stream.of(beginnings).noneMatch(b -> name.regionMatches(true, 0, b, 0, b.length()))) {
            rest.put(name, values);
          }
        });
    return rest;
  }

  /**
   * The message of a letter, for its gateway alone. Its id is new, or JetStream would take it for
   * the duplicate that it is; the gateway puts the publisher's back.
   */
  static Message replay(Headers letter, byte[] body) {
    Headers headers = without(letter, NATS, DEAD);
    headers.put(REPLAY_FOR, letter.getFirst(DEAD_GATEWAY));
    headers.put(MESSAGE_ID, "replay-" + letter.getFirst(MESSAGE_ID));
    String id = letter.getFirst(DEAD_MESSAGE_ID);
    if (id != null) {
      headers.put(REPLAY_MESSAGE_ID, id);
    }
    return NatsMessage.builder()
        .subject(letter.getFirst(DEAD_SUBJECT))
        .headers(headers)
        .data(body)
        .build();
  }

  /** A header's first value, or null. */
  static String header(Message message, String name) {
    Headers headers = message.getHeaders();
    return headers == null ? null : headers.getFirst(name);
  }

  /** What a failure says, in one line. */
  static String reason(Throwable failure) {
    String text =
        failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) + "..." : line;
  }

  /** NATS headers are ASCII; jnats throws for anything else. */
  private static String ascii(String text) {
    return text.replaceAll("[^\\x20-\\x7E]", "?");
  }
}
