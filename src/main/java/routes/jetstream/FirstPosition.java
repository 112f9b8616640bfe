package routes.jetstream;

import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.StreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import routes.settings.EndpointOption;
import routes.settings.Settings;

/**
 * Where a new consumer starts in its stream. A consumer that exists keeps its position.
 *
 * @param back start with the messages of this time before the consumer's creation; null if unused
 * @param from start with the messages stored at this time or later; null if unused. Without either,
 *     the consumer starts at the stream's oldest message.
 */
record FirstPosition(Duration back, Instant from) {
  static final FirstPosition ALL = new FirstPosition(null, null);
  static final FirstPosition NEW = new FirstPosition(Duration.ZERO, null);

  /**
   * Reads {@code all}, {@code new}, a duration back such as 1h, or a time such as
   * 2026-11-30T08:00:00Z.
   *
   * @throws IllegalArgumentException for anything else
   */
  static FirstPosition of(String text) {
    if (text.equals("all")) {
      return ALL;
    }
    if (text.equals("new")) {
      return NEW;
    }
    Optional<Duration> time = Settings.time(text);
    if (time.isPresent()) {
      return new FirstPosition(time.get(), null);
    }
    try {
      return new FirstPosition(null, ZonedDateTime.parse(text).toInstant());
    } catch (DateTimeParseException e) {
      throw new EndpointOption("jetstream", "deliverPolicy", text)
          .invalid("all, new, a time back such as 1h, or a date such as 2026-11-30T08:00:00Z");
    }
  }

  /**
   * Sets the start of a consumer. It is always a fixed sequence or time, because a server that
   * loses a consumer's progress returns to its start: with the policy new, that would skip what
   * waits.
   *
   * @param stream the stream's state now
   */
  ConsumerConfiguration.Builder applyTo(
      ConsumerConfiguration.Builder consumer, StreamState stream, Instant now) {
    if (equals(ALL)) {
      return consumer.deliverPolicy(DeliverPolicy.All);
    }
    Instant start = from == null ? now.minus(back) : from;
    // This clock may be ahead of the server's: messages to come must not be skipped.
    boolean none = stream.getMsgCount() == 0 || start.isAfter(stream.getLastTime().toInstant());
    return none || equals(NEW)
        ? consumer
            .deliverPolicy(DeliverPolicy.ByStartSequence)
            .startSequence(stream.getLastSequence() + 1)
        : consumer.deliverPolicy(DeliverPolicy.ByStartTime).startTime(start.atZone(ZoneOffset.UTC));
  }
}
