package routes.uplink;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.nats.NatsConstants;

/**
 * A device's message as stored on the bus: subject {@code telemetry.<device>.<kind>}, any payload.
 *
 * @param device the id of the device that sent it, from the subject
 * @param kind {@value #METRICS} for samples; other programs choose their own
 * @param id identifies duplicates to the receiver; null if the publisher set none
 * @param contentType MIME type of the payload
 * @param contentEncoding how the payload is compressed, such as gzip; null if it is not
 */
public record Telemetry(
    String device,
    String kind,
    String id,
    String contentType,
    String contentEncoding,
    byte[] payload) {
  /** Kind of samples. */
  public static final String METRICS = "metrics";

  /** Header with the id, by which JetStream drops duplicates (String). */
  public static final String MESSAGE_ID = "Nats-Msg-Id";

  /** Exchange property: the id of the message that the route took from the bus. */
  public static final String SOURCE_ID = "source-id";

  /** Header with the MIME type; {@value #JSON} when absent (String). */
  public static final String CONTENT_TYPE = "Content-Type";

  /** Header with the compression, such as gzip; absent for none (String). */
  public static final String CONTENT_ENCODING = "Content-Encoding";

  private static final String JSON = "application/json";
  private static final int LONGEST_HEADER = 1024;
  private static final String PREFIX = "telemetry.";
  private static final int LONGEST_DEVICE = 128;
  private static final int LONGEST_KIND = 64;

  /** Replies to commands use this name at some clouds. */
  private static final String RESERVED = "commands";

  private static final Pattern TEXT =
      Pattern.compile("text/.*|application/(.*\\+)?(json|xml|yaml|javascript)");

  /** A message that is not compressed. */
  public Telemetry(String device, String kind, String id, String contentType, byte[] payload) {
    this(device, kind, id, contentType, null, payload);
  }

  /**
   * Reads a message that a {@code jetstream:} endpoint delivered.
   *
   * @throws InvalidMessageException if its subject, id or content type is not allowed
   */
  public static Telemetry of(Exchange exchange) {
    Message message = exchange.getMessage();
    String subject = message.getHeader(NatsConstants.NATS_SUBJECT, "", String.class);
    int dot = subject.indexOf('.', PREFIX.length());
    String device = dot < 0 ? "" : subject.substring(PREFIX.length(), dot);
    String kind = subject.substring(dot + 1);
    if (!subject.startsWith(PREFIX)
        || !isName(device, LONGEST_DEVICE)
        || !isName(kind.replace(".", ""), LONGEST_KIND)
        || kind.length() > LONGEST_KIND
        || kind.equals(RESERVED)) {
      throw new InvalidMessageException(
          "subject \""
              + subject.replaceAll("[^\\x20-\\x7E]", "?")
              + "\" is not allowed; use telemetry.<device>.<kind> with a kind of 1 to 64 of"
              + " A-Z a-z 0-9 _ . -, other than commands");
    }
    byte[] payload = message.getBody(byte[].class);
    return new Telemetry(
        device,
        kind,
        header(message, MESSAGE_ID, null),
        header(message, CONTENT_TYPE, JSON),
        header(message, CONTENT_ENCODING, null),
        payload == null ? new byte[0] : payload);
  }

  /** No regular expression, because each message goes through here. */
  private static boolean isName(String text, int most) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean allowed =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || c == '-'
              || c == '_';
      if (!allowed) {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= most;
  }

  /** Not every protocol can send longer headers or control characters. */
  private static String header(Message message, String name, String absent) {
    String value = message.getHeader(name, String.class);
    if (value == null || value.isBlank()) {
      return absent;
    }
    if (value.length() > LONGEST_HEADER || hasControls(value)) {
      throw new InvalidMessageException(
          "header "
              + name
              + " is not allowed; use at most "
              + LONGEST_HEADER
              + " characters without control characters");
    }
    return value;
  }

  private static boolean hasControls(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the payload may be marked as UTF-8: it has a text type and its bytes are UTF-8. */
  public boolean isText() {
    if (contentEncoding != null) {
      return false;
    }
    if (!contentType.equals(JSON)
        && !TEXT.matcher(contentType.toLowerCase(Locale.ROOT).replaceFirst("\\s*;.*", ""))
            .matches()) {
      return false;
    }
    return isAscii() || isUtf8();
  }

  private boolean isAscii() {
    for (byte b : payload) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  private boolean isUtf8() {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
