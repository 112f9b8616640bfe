package routes.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads YAML files as trees, and resolves the merge key {@code <<}. */
final class Yaml {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Yaml() {}

  static JsonNode read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode parse(String text) {
    return merged(JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text)));
  }

  private static JsonNode merged(JsonNode node) {
    if (node instanceof ObjectNode mapping) {
      JsonNode more = mapping.remove("<<");
      if (more != null) {
        more.properties().forEach(field -> mapping.putIfAbsent(field.getKey(), field.getValue()));
        return merged(mapping);
      }
    }
    node.forEach(Yaml::merged);
    return node;
  }
}
