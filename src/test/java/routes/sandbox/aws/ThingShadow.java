package routes.sandbox.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A shadow of a thing. Returns the responses to update, get and delete by topic suffix.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-document.html">Device
 *     Shadow service documents</a>
 * @see <a
 *     href="https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-error-messages.html">Error
 *     messages</a>
 */
final class ThingShadow {
  private static final int LARGEST = 8 * 1024;
  private static final int DEEPEST = 6;
  private static final int LONGEST_TOKEN = 64;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final class Rejection extends Exception {
    private static final long serialVersionUID = 1L;
    private final int code;

    Rejection(int code, String message) {
      super(message);
      this.code = code;
    }
  }

  private final String name;
  private ObjectNode state = JSON.createObjectNode();
  private ObjectNode metadata = JSON.createObjectNode();
  private long version;
  private boolean exists;

  /**
   * @param name the thing's name; for a named shadow followed by ~ and the shadow's name
   */
  ThingShadow(String name) {
    this.name = name;
  }

  /** The reported and desired state; empty before the first update. */
  synchronized JsonNode state() {
    return state.deepCopy();
  }

  /**
   * Answers a request.
   *
   * @param operation update, get or delete
   * @return payloads by topic suffix after /shadow/, in the order they are sent
   */
  synchronized Map<String, String> answer(String operation, byte[] payload) {
    Map<String, String> answers = new LinkedHashMap<>();
    String token = "";
    try {
      JsonNode request = payload.length == 0 ? JSON.createObjectNode() : parse(payload);
      token = request.path("clientToken").asText();
      if (token.getBytes(StandardCharsets.UTF_8).length > LONGEST_TOKEN) {
        throw new Rejection(400, "Invalid clientToken");
      }
      switch (operation) {
        case "update" -> update(request, token, answers);
        case "delete" -> answers.put("delete/accepted", delete(request, token).toString());
        default -> answers.put("get/accepted", document(token).toString());
      }
    } catch (Rejection e) {
      ObjectNode rejected = JSON.createObjectNode().put("code", e.code);
      rejected.put("message", e.getMessage());
      answers.put(operation + "/rejected", stamped(rejected, token).toString());
    }
    return answers;
  }

  private static JsonNode parse(byte[] payload) throws Rejection {
    try {
      return JSON.readTree(payload);
    } catch (IOException e) {
      throw new Rejection(400, "Payload contains invalid json");
    }
  }

  private void update(JsonNode request, String token, Map<String, String> answers)
      throws Rejection {
    JsonNode change = request.path("state");
    check(change);
    checkVersion(request);
    ObjectNode merged = state.deepCopy();
    ShadowState.merge(merged, (ObjectNode) change);
    if (ShadowState.size(merged) > LARGEST) {
      throw new Rejection(413, "The payload exceeds the maximum size allowed");
    }
    ObjectNode previous = current();
    JsonNode stamps = ShadowState.stamps(change);
    state = merged;
    ShadowState.merge(metadata, (ObjectNode) stamps);
    version++;
    exists = true;
    ObjectNode accepted = JSON.createObjectNode();
    accepted.set("state", change);
    accepted.set("metadata", stamps);
    answers.put("update/accepted", stamped(accepted.put("version", version), token).toString());
    ObjectNode delta = ShadowState.delta(state.path("desired"), state.path("reported"));
    if (!delta.isEmpty()) {
      ObjectNode message = JSON.createObjectNode().put("version", version);
      message.set("state", delta);
      message.set("metadata", ShadowState.stamps(delta));
      answers.put("update/delta", stamped(message, token).toString());
    }
    ObjectNode documents = JSON.createObjectNode();
    documents.set("previous", previous);
    documents.set("current", current());
    answers.put("update/documents", stamped(documents, token).toString());
  }

  /** Keeps the version, which continues when the shadow is recreated. */
  private ObjectNode delete(JsonNode request, String token) throws Rejection {
    checkExists();
    checkVersion(request);
    state = JSON.createObjectNode();
    metadata = JSON.createObjectNode();
    exists = false;
    return stamped(JSON.createObjectNode().put("version", version), token);
  }

  private void checkVersion(JsonNode request) throws Rejection {
    if (request.has("version") && request.path("version").asLong() != version) {
      throw new Rejection(409, "Version conflict");
    }
  }

  private void checkExists() throws Rejection {
    if (!exists) {
      throw new Rejection(404, "No shadow exists with name: '" + name + "'");
    }
  }

  private static void check(JsonNode change) throws Rejection {
    if (change.isMissingNode()) {
      throw new Rejection(400, "Missing required node: state");
    }
    if (!change.isObject()) {
      throw new Rejection(400, "State node must be an object");
    }
    for (Map.Entry<String, JsonNode> half : change.properties()) {
      if (!half.getKey().equals("desired") && !half.getKey().equals("reported")) {
        throw new Rejection(400, "State contains an invalid node: '" + half.getKey() + "'");
      }
      if (!half.getValue().isObject() && !half.getValue().isNull()) {
        throw new Rejection(400, half.getKey() + " node must be an object");
      }
      if (ShadowState.depth(half.getValue()) > DEEPEST) {
        throw new Rejection(400, "JSON contains too many levels of nesting; maximum is 6");
      }
    }
  }

  private ObjectNode current() {
    ObjectNode current = JSON.createObjectNode().put("version", version);
    current.set("state", state.deepCopy());
    current.set("metadata", metadata.deepCopy());
    return current;
  }

  private ObjectNode document(String token) throws Rejection {
    checkExists();
    ObjectNode document = current();
    ObjectNode delta = ShadowState.delta(state.path("desired"), state.path("reported"));
    if (!delta.isEmpty()) {
      ((ObjectNode) document.path("state")).set("delta", delta);
    }
    return stamped(document, token);
  }

  private static ObjectNode stamped(ObjectNode answer, String token) {
    answer.put("timestamp", System.currentTimeMillis() / 1_000);
    return token.isEmpty() ? answer : answer.put("clientToken", token);
  }
}
