package routes.sandbox.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** How the states of a shadow are merged, compared and measured. */
final class ShadowState {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ShadowState() {}

  /** Merges a change: its members override existing ones, and null removes one. */
  static void merge(ObjectNode into, ObjectNode change) {
    for (Map.Entry<String, JsonNode> member : change.properties()) {
      JsonNode value = member.getValue();
      if (value.isNull()) {
        into.remove(member.getKey());
      } else if (value instanceof ObjectNode object) {
        ObjectNode inner =
            into.path(member.getKey()) instanceof ObjectNode there
                ? there
                : into.putObject(member.getKey());
        merge(inner, object);
      } else {
        into.set(member.getKey(), value);
      }
    }
  }

  /** A timestamp for each value. */
  static JsonNode stamps(JsonNode values) {
    if (values.isNull()) {
      return values;
    }
    ObjectNode stamps = JSON.createObjectNode();
    if (!values.isObject()) {
      return stamps.put("timestamp", System.currentTimeMillis() / 1_000);
    }
    values.properties().forEach(each -> stamps.set(each.getKey(), stamps(each.getValue())));
    return stamps;
  }

  /** The desired values that differ from the reported ones. */
  static ObjectNode delta(JsonNode desired, JsonNode reported) {
    ObjectNode delta = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> member : desired.properties()) {
      JsonNode is = reported.path(member.getKey());
      if (member.getValue().isObject() && is.isObject()) {
        ObjectNode inner = delta(member.getValue(), is);
        if (!inner.isEmpty()) {
          delta.set(member.getKey(), inner);
        }
      } else if (!member.getValue().equals(is)) {
        delta.set(member.getKey(), member.getValue());
      }
    }
    return delta;
  }

  /** Nesting levels of objects and arrays. */
  static int depth(JsonNode node) {
    int deepest = 0;
    for (JsonNode inner : node) {
      deepest = Math.max(deepest, depth(inner));
    }
    return node.isContainerNode() ? deepest + 1 : 0;
  }

  /** The size in bytes as JSON without whitespace. */
  static int size(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node).length;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
