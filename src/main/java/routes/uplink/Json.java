package routes.uplink;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Strict JSON (RFC 8259): one value in UTF-8 and nothing after it. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private Json() {}

  /** The value; a missing node if there are only blanks or no bytes; empty if it is not JSON. */
  public static Optional<JsonNode> read(byte[] bytes) {
    try {
      return Optional.of(MAPPER.readTree(text(bytes)));
    } catch (CharacterCodingException | JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether the bytes are JSON or blank. Builds no tree, which would take some 50 times the memory.
   */
  public static boolean isJson(byte[] bytes) {
    try (JsonParser parser = MAPPER.createParser(text(bytes))) {
      int depth = 0;
      int values = 0;
      for (JsonToken token; (token = parser.nextToken()) != null; ) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        values += depth == 0 ? 1 : 0;
      }
      return values <= 1;
    } catch (IOException e) {
      return false;
    }
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    if (isAscii(bytes)) { // a decoder takes several times as long
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private static boolean isAscii(byte[] bytes) {
    for (byte each : bytes) {
      if (each < 0) {
        return false;
      }
    }
    return true;
  }

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** A map of texts, numbers, lists and maps. */
  public static byte[] write(Map<String, ?> map) {
    JsonNode node = MAPPER.valueToTree(map);
    return write(node);
  }

  public static byte[] write(JsonNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }
}
