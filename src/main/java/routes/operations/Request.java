package routes.operations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import routes.uplink.Json;
import routes.uplink.Reply;

/** The payload of a command: a JSON object, or nothing, which means an empty object. */
final class Request {
  private static final int LARGEST = 4096;

  /** Numbers above this one are not exact in every JSON parser. */
  private static final long LARGEST_NUMBER = (1L << 53) - 1;

  /** Runs a command. */
  @FunctionalInterface
  interface Operation {
    /**
     * @throws RefusedException with the status of the refusal
     */
    ObjectNode run(Request request) throws InterruptedException;
  }

  private final JsonNode fields;

  private Request(JsonNode fields) {
    this.fields = fields;
  }

  /**
   * Reads the payload and runs the command.
   *
   * @param known the valid fields
   * @return the reply, or a refusal as {@link Reply#of} reads it
   */
  static byte[] answer(byte[] payload, List<String> known, Operation operation)
      throws InterruptedException {
    try {
      return Json.write(operation.run(read(payload, known)));
    } catch (RefusedException e) {
      return Reply.refusal(e.status(), e.getMessage()).body();
    }
  }

  private static Request read(byte[] payload, List<String> known) {
    if (payload != null && payload.length > LARGEST) {
      throw new RefusedException(413, "the payload is larger than " + LARGEST + " bytes");
    }
    JsonNode json =
        payload == null
            ? Json.object()
            : Json.read(payload)
                .orElseThrow(() -> new RefusedException(400, "the payload is not JSON"));
    if (json.isMissingNode() || json.isNull()) {
      return new Request(Json.object());
    }
    if (!json.isObject()) {
      throw new RefusedException(400, "the payload must be a JSON object or empty");
    }
    for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
      if (!known.contains(names.next())) {
        throw new RefusedException(
            400,
            known.isEmpty()
                ? "this command has no fields; send {} or nothing"
                : "unknown field; valid fields are " + String.join(", ", known));
      }
    }
    return new Request(json);
  }

  boolean has(String field) {
    return !fields.path(field).isMissingNode() && !fields.path(field).isNull();
  }

  /** A whole number from {@code min} to {@code max}; empty if the field is missing or null. */
  OptionalLong number(String field, long min, long max) {
    if (!has(field)) {
      return OptionalLong.empty();
    }
    JsonNode value = fields.get(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      throw new RefusedException(400, field + " must be a whole number from " + min + " to " + max);
    }
    return OptionalLong.of(value.longValue());
  }

  /** Where the reply continues, as the previous part had it in its field next. */
  OptionalLong next() {
    return number("next", 0, LARGEST_NUMBER);
  }

  /** A number of a message; empty if the field is missing or null. */
  OptionalLong sequence(String field) {
    return number(field, 1, LARGEST_NUMBER);
  }

  /** One of these words, in upper or lower case; empty if the field is missing or null. */
  Optional<String> word(String field, List<String> words) {
    if (!has(field)) {
      return Optional.empty();
    }
    String value = fields.get(field).asText();
    return Optional.of(
        words.stream()
            .filter(word -> fields.get(field).isTextual() && word.equalsIgnoreCase(value))
            .findFirst()
            .orElseThrow(
                () ->
                    new RefusedException(
                        400, field + " must be one of " + String.join(", ", words))));
  }
}
