package routes.uplink;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.nats.NatsConstants;

/**
 * A message that a device sends, as it lies on the bus: subject {@code telemetry.<device>.<kind>},
 * any payload.
 *
 * @param device the id of the device that sent it, from the subject
 * @param kind {@value #METRICS} for samples; other programs choose their own
 * @param id by which a receiver recognizes a duplicate; null when the publisher set none
 * @param contentType MIME type of the payload
 */
public record Telemetry(String device, String kind, String id, String contentType, byte[] payload) {
  /** Kind of samples. */
  public static final String METRICS = "metrics";

  /** Header with the id, by which JetStream drops duplicates (String). */
  public static final String MESSAGE_ID = "Nats-Msg-Id";

  /** Header with the MIME type; {@value #JSON} when absent (String). */
  public static final String CONTENT_TYPE = "Content-Type";

  private static final String JSON = "application/json";
  private static final int LONGEST_HEADER = 1024;
  private static final Pattern SUBJECT =
      Pattern.compile("telemetry\\.([A-Za-z0-9_-]{1,128})\\.([A-Za-z0-9_.-]{1,64})");

  /** Replies to commands use this name at some clouds. */
  private static final String RESERVED = "commands";

  private static final Pattern TEXT =
      Pattern.compile("text/.*|application/(.*\\+)?(json|xml|yaml|javascript)");

  /**
   * Reads a message that a {@code jetstream:} endpoint delivered.
   *
   * @throws InvalidMessageException if its subject, id or content type is not allowed
   */
  public static Telemetry of(Exchange exchange) {
    Message message = exchange.getMessage();
    String subject = message.getHeader(NatsConstants.NATS_SUBJECT, "", String.class);
    Matcher matcher = SUBJECT.matcher(subject);
    if (!matcher.matches() || matcher.group(2).equals(RESERVED)) {
      throw new InvalidMessageException(
          "subject \""
              + subject
              + "\" is not allowed; use telemetry.<device>.<kind> with a kind of 1 to 64 of"
              + " A-Z a-z 0-9 _ . -, other than commands");
    }
    byte[] payload = message.getBody(byte[].class);
    return new Telemetry(
        matcher.group(1),
        matcher.group(2),
        header(message, MESSAGE_ID, null),
        header(message, CONTENT_TYPE, JSON),
        payload == null ? new byte[0] : payload);
  }

  /** Longer ones, and control characters, cannot be sent by every protocol. */
  private static String header(Message message, String name, String absent) {
    String value = message.getHeader(name, String.class);
    if (value == null || value.isBlank()) {
      return absent;
    }
    if (value.length() > LONGEST_HEADER || value.chars().anyMatch(Character::isISOControl)) {
      throw new InvalidMessageException(
          "header "
              + name
              + " is not allowed; use at most "
              + LONGEST_HEADER
              + " characters without control characters");
    }
    return value;
  }

  /**
   * Whether the payload may be marked as UTF-8: its type is a text type and its bytes are UTF-8.
   */
  public boolean isText() {
    String type = contentType.toLowerCase(Locale.ROOT).replaceFirst("\\s*;.*", "");
    if (!TEXT.matcher(type).matches()) {
      return false;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
