package routes.sample;

import java.util.LinkedHashMap;
import java.util.Map;

/** Numbers by path, as the nested objects that they become in JSON. */
final class Tree {
  private final Map<String, Object> root = new LinkedHashMap<>();

  void put(String[] path, double value) {
    Map<String, Object> node = root;
    for (int i = 0; i < path.length - 1; i++) {
      node = child(node, path[i]);
    }
    String last = path[path.length - 1];
    // There is already an object at this path; the number becomes its "value".
    while (node.get(last) instanceof Map) {
      node = child(node, last);
      last = "value";
    }
    node.put(last, Rounded.number(value));
  }

  Map<String, Object> asMap() {
    return root;
  }

  private static Map<String, Object> child(Map<String, Object> node, String key) {
    Object present = node.get(key);
    if (present instanceof Map) {
      @SuppressWarnings("unchecked")
      Map<String, Object> child = (Map<String, Object>) present;
      return child;
    }
    Map<String, Object> child = new LinkedHashMap<>();
    if (present != null) {
      child.put("value", present);
    }
    node.put(key, child);
    return child;
  }
}
