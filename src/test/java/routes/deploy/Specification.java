package routes.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The allowed content of a tree, as a table. A line without indentation names an object; the lines
 * below it are its fields with their types. A type is {@code string}, {@code integer}, {@code
 * boolean}, {@code pairs} (names with strings), the name of an object, or {@code one|of|these}.
 * Brackets mean a list; {@code !} means that the field is required.
 */
final class Specification {
  private final Map<String, Map<String, String>> objects = new LinkedHashMap<>();

  Specification(String table) {
    Map<String, String> fields = Map.of();
    for (String line : table.lines().filter(line -> !line.isBlank()).toList()) {
      if (line.startsWith(" ")) {
        String[] field = line.strip().split("\\s+");
        fields.put(field[0], field[1]);
      } else {
        fields = new LinkedHashMap<>();
        objects.put(line.strip(), fields);
      }
    }
  }

  /** The errors in a tree, each with its path. */
  List<String> faults(String object, JsonNode tree) {
    List<String> faults = new ArrayList<>();
    check("", tree, object, faults);
    return faults;
  }

  private void check(String path, JsonNode node, String type, List<String> faults) {
    if (type.startsWith("[")) {
      if (!node.isArray() || node.isEmpty()) {
        faults.add(path + ": should be a list");
      }
      for (int i = 0; i < node.size(); i++) {
        check(path + "[" + i + "]", node.get(i), type.substring(1, type.length() - 1), faults);
      }
    } else if (objects.containsKey(type)) {
      checkFields(path, node, objects.get(type), faults);
    } else if (!fits(node, type)) {
      faults.add(path + ": should be " + type);
    }
  }

  private void checkFields(
      String path, JsonNode node, Map<String, String> fields, List<String> faults) {
    if (!node.isObject()) {
      faults.add(path + ": should be fields");
    }
    node.fieldNames()
        .forEachRemaining(
            name -> {
              String type = fields.get(name);
              if (type == null) {
                faults.add(path + "." + name + ": is unknown");
              } else {
                check(path + "." + name, node.get(name), type.replace("!", ""), faults);
              }
            });
    fields.forEach(
        (name, type) -> {
          if (type.endsWith("!") && !node.has(name)) {
            faults.add(path + "." + name + ": is missing");
          }
        });
  }

  private static boolean fits(JsonNode node, String type) {
    return switch (type) {
      case "string" -> node.isTextual();
      case "integer" -> node.isIntegralNumber();
      case "boolean" -> node.isBoolean();
      case "pairs" -> node.isObject() && node.valueStream().allMatch(JsonNode::isTextual);
      default -> node.isTextual() && List.of(type.split("\\|")).contains(node.asText());
    };
  }
}
