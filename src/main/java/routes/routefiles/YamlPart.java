package routes.routefiles;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import routes.settings.Nearest;

/**
 * A part of a YAML file that knows its line.
 *
 * @param name the key or keys above it, for errors
 */
record YamlPart(Path file, String name, Node node) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** A file has invalid content. */
  static final class Invalid extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Fault fault;

    Invalid(Path file, int line, String text) {
      super(text);
      fault = new Fault(file, line, text);
    }

    Fault fault() {
      return fault;
    }
  }

  static YamlPart read(Path file) throws Invalid {
    try {
      Node root =
          new Compose(LoadSettings.builder().setLabel(file.toString()).build())
              .composeString(RouteText.read(file))
              .orElseThrow(() -> new Invalid(file, 0, "empty; contains no case"));
      return new YamlPart(file, "the file", root);
    } catch (MarkedYamlEngineException e) {
      throw new Invalid(file, e.getProblemMark().map(Mark::getLine).orElse(-1) + 1, e.getProblem());
    } catch (YamlEngineException | StackOverflowError e) {
      throw new Invalid(file, 0, "cannot be read as YAML");
    } catch (IOException e) {
      throw new Invalid(file, 0, e.getMessage());
    }
  }

  int line() {
    return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
  }

  Invalid invalid(String text) {
    return new Invalid(file, line(), text);
  }

  /** The fields of a mapping with any keys. */
  Map<String, YamlPart> fields() throws Invalid {
    return fields(List.of());
  }

  /**
   * The fields of a mapping.
   *
   * @param keys the valid ones; empty for any
   */
  Map<String, YamlPart> fields(List<String> keys) throws Invalid {
    if (!(node instanceof MappingNode mapping)) {
      throw invalid(name + " must have the form key: value");
    }
    Map<String, YamlPart> fields = new LinkedHashMap<>();
    for (NodeTuple pair : mapping.getValue()) {
      YamlPart part = new YamlPart(file, name, pair.getKeyNode());
      String key = part.text();
      if (!keys.isEmpty() && !keys.contains(key)) {
        String hint = Nearest.hint(key, keys);
        String all = "; use " + String.join(", ", keys);
        throw part.invalid("unknown key " + key + (hint.isEmpty() ? all : hint));
      }
      if (fields.put(key, new YamlPart(file, key, pair.getValueNode())) != null) {
        throw part.invalid("duplicate key " + key);
      }
    }
    return fields;
  }

  List<YamlPart> items() throws Invalid {
    if (!(node instanceof SequenceNode sequence)) {
      throw invalid(name + " must be a list");
    }
    return sequence.getValue().stream().map(item -> new YamlPart(file, name, item)).toList();
  }

  boolean isText() {
    return node instanceof ScalarNode;
  }

  String text() throws Invalid {
    if (!(node instanceof ScalarNode scalar)) {
      throw invalid(name + " must be a text");
    }
    return scalar.getTag().equals(Tag.NULL) ? "" : scalar.getValue();
  }

  /** Text unchanged; anything else as JSON. */
  String textOrJson() throws Invalid {
    return isText() ? text() : json().toString();
  }

  JsonNode json() throws Invalid {
    if (node instanceof MappingNode) {
      ObjectNode object = JSON.objectNode();
      for (Map.Entry<String, YamlPart> field : fields().entrySet()) {
        object.set(field.getKey(), field.getValue().json());
      }
      return object;
    }
    if (node instanceof SequenceNode) {
      ArrayNode array = JSON.arrayNode();
      for (YamlPart item : items()) {
        array.add(item.json());
      }
      return array;
    }
    Tag tag = node.getTag();
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL)) {
      return JSON.booleanNode(Boolean.parseBoolean(text()));
    }
    return tag.equals(Tag.INT) || tag.equals(Tag.FLOAT) ? number(text()) : JSON.textNode(text());
  }

  private static JsonNode number(String text) {
    try {
      return new ObjectMapper().readTree(new BigDecimal(text).toString());
    } catch (NumberFormatException | IOException e) {
      return JSON.textNode(text); // .inf and .nan, which JSON lacks
    }
  }
}
