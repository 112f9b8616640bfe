package routes.operations;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * A part of a message's body for a reply: text if the whole body is UTF-8 without control
 * characters, otherwise base64.
 */
final class BodyPart {
  private final byte[] body;
  private final int from;

  /**
   * @param from the first byte of the part
   */
  BodyPart(byte[] body, int from) {
    this.body = body;
    this.from = from;
  }

  /**
   * Puts {@code text} or {@code base64} into the reply, and {@code next} if more follows.
   *
   * @param most how many bytes the part may take as JSON
   */
  void putInto(ObjectNode reply, int most) {
    boolean text = isText();
    // a quote, a backslash or a line break takes two bytes in JSON, and three bytes take four in
    // base64
    int bytes = Math.max(4, most / 2);
    int end = Math.min(body.length, from + bytes);
    while (text && end < body.length && end > from && isContinuation(body[end])) {
      end--;
    }
    byte[] part = Arrays.copyOfRange(body, from, end);
    if (text) {
      reply.put("text", new String(part, StandardCharsets.UTF_8));
    } else {
      reply.put("base64", Base64.getEncoder().encodeToString(part));
    }
    if (end < body.length) {
      reply.put("next", end);
    }
  }

  /** Whether a byte is within a character of UTF-8. */
  private static boolean isContinuation(byte value) {
    return (value & 0xC0) == 0x80;
  }

  private boolean isText() {
    for (byte each : body) {
      if (each >= 0 && each < ' ' && each != '\n' && each != '\r' && each != '\t') {
        return false;
      }
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
