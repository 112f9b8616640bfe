package routes.jetstream;

import static routes.jetstream.JetStreamConstants.DEAD;
import static routes.jetstream.JetStreamConstants.DEAD_CONSUMER;
import static routes.jetstream.JetStreamConstants.DEAD_CUT;
import static routes.jetstream.JetStreamConstants.DEAD_DEVICE;
import static routes.jetstream.JetStreamConstants.DEAD_FIRST_TRY;
import static routes.jetstream.JetStreamConstants.DEAD_GATEWAY;
import static routes.jetstream.JetStreamConstants.DEAD_LAST_TRY;
import static routes.jetstream.JetStreamConstants.DEAD_MESSAGE_ID;
import static routes.jetstream.JetStreamConstants.DEAD_REASON;
import static routes.jetstream.JetStreamConstants.DEAD_STREAM;
import static routes.jetstream.JetStreamConstants.DEAD_SUBJECT;
import static routes.jetstream.JetStreamConstants.DEAD_TRIES;
import static routes.jetstream.JetStreamConstants.NATS;
import static routes.jetstream.JetStreamConstants.REPLAY;
import static routes.jetstream.JetStreamConstants.REPLAY_FOR;
import static routes.jetstream.JetStreamConstants.REPLAY_MESSAGE_ID;
import static routes.uplink.Telemetry.MESSAGE_ID;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsJetStreamMetaData;
import io.nats.client.impl.NatsMessage;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/** Converts a message into a dead letter, and a dead letter into a replay. */
final class DeadLetter {
  private static final int LONGEST_REASON = 300;

  private DeadLetter() {}

  /**
   * The dead letter for a message: its body, its publisher's headers, and the reason. The letter's
   * id depends only on the message and the durable consumer.
   *
   * @param gateway id of the route that failed
   * @param most how many bytes of body and headers NATS accepts; a larger body is cut
   */
  static Message of(
      Message message, String gateway, String durable, Tries tries, String reason, long most) {
    NatsJetStreamMetaData about = message.metaData();
    Instant stored = about.timestamp().toInstant();
    Headers published = published(message);
    String id = published.getFirst(MESSAGE_ID);
    Headers headers = without(published, NATS, DEAD);
    if (id != null) {
      headers.put(DEAD_MESSAGE_ID, id);
    }
    // A new stream would reuse the same sequences.
    headers.put(
        MESSAGE_ID,
        String.format(
            Locale.ROOT,
            "%s-%d-%d%09d",
            durable,
            about.streamSequence(),
            stored.getEpochSecond(),
            stored.getNano()));
    headers.put(DEAD_GATEWAY, ascii(gateway));
    String device = device(message.getSubject());
    headers.put(DEAD_DEVICE, device);
    headers.put(DEAD_CONSUMER, durable);
    headers.put(DEAD_REASON, ascii(reason));
    headers.put(DEAD_FIRST_TRY, tries.first().toString());
    headers.put(DEAD_LAST_TRY, Instant.now().toString());
    headers.put(DEAD_TRIES, String.valueOf(tries.count()));
    headers.put(DEAD_SUBJECT, encoded(message.getSubject()));
    headers.put(DEAD_STREAM, about.getStream());
    byte[] body = message.getData() == null ? new byte[0] : message.getData();
    if (headers.serializedLength() + body.length > most) {
      headers.put(DEAD_CUT, String.valueOf(body.length));
      body = Arrays.copyOf(body, (int) Math.max(0, most - headers.serializedLength()));
    }
    return NatsMessage.builder()
        .subject("dead." + token(gateway) + "." + device)
        .headers(headers)
        .data(body)
        .build();
  }

  /** The second part of {@code telemetry.<device>.<kind>} and {@code inventory.<device>}. */
  private static String device(String subject) {
    String[] parts = subject.split("\\.", 3);
    return parts.length < 2 ? "-" : token(parts[1]);
  }

  private static String token(String text) {
    return text.replaceAll("[^A-Za-z0-9_-]", "_");
  }

  /** A message's headers as its publisher set them, also for a replay. */
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
   * The replay of a dead letter, for the consumer that failed. It has a new id, because JetStream
   * would drop the publisher's as a duplicate; the consumer restores the publisher's.
   */
  static Message replay(Headers letter, byte[] body) {
    Headers headers = without(letter, NATS, DEAD);
    headers.put(REPLAY_FOR, letter.getFirst(DEAD_CONSUMER));
    headers.put(MESSAGE_ID, "replay-" + letter.getFirst(MESSAGE_ID));
    String id = letter.getFirst(DEAD_MESSAGE_ID);
    if (id != null) {
      headers.put(REPLAY_MESSAGE_ID, id);
    }
    return NatsMessage.builder().subject(subject(letter)).headers(headers).data(body).build();
  }

  /** Percent-encoded, as headers are ASCII; jnats has one character per byte of a subject. */
  private static String encoded(String subject) {
    StringBuilder encoded = new StringBuilder();
    for (char c : subject.toCharArray()) {
      boolean plain = c > ' ' && c <= '~' && c != '%';
      encoded.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", c & 0xFF));
    }
    return encoded.toString();
  }

  /** The subject that the message of a letter was published to; null if the letter has none. */
  static String subject(Headers letter) {
    String encoded = letter.getFirst(DEAD_SUBJECT);
    return encoded == null
        ? null
        : URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** A header's first value, or null. */
  static String header(Message message, String name) {
    Headers headers = message.getHeaders();
    return headers == null ? null : headers.getFirst(name);
  }

  /** The message of a failure, in one line. */
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
