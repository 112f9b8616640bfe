package routes.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** fleet/compose.yaml sets what its configurations need, and mounts files that exist. */
class FleetComposeTest {
  /** Not the subjects $JS.API and $KV. */
  private static final Pattern VARIABLE =
      Pattern.compile("(?m)^[^#\n]*\\$([A-Z][A-Z_]+)(?![A-Z_.])");

  private static final JsonNode SERVICES = Yaml.read(Path.of("fleet/compose.yaml")).get("services");

  private static Set<String> fields(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Set<String> variables(String file) throws IOException {
    Set<String> names = new TreeSet<>();
    VARIABLE.matcher(Files.readString(Path.of(file))).results().forEach(m -> names.add(m.group(1)));
    return names;
  }

  @Test
  void serversHaveEachVariableOfTheirConfiguration() throws IOException {
    for (String name : fields(SERVICES)) {
      Set<String> environment = fields(SERVICES.get(name).get("environment"));
      if (name.startsWith("hub-")) {
        Set<String> used = variables("fleet/hub.conf");
        used.addAll(variables("fleet/users.conf"));
        assertThat(environment).as(name).isEqualTo(used);
      } else if (name.startsWith("leaf-")) {
        assertThat(environment).as(name).isEqualTo(variables("fleet/leaf.conf"));
      } else {
        assertThat(environment)
            .as(name)
            .allMatch(key -> Variables.known(key.replace("MQTT_HUB_", "MQTT_")));
      }
    }
  }

  @Test
  void mountedFilesExist() {
    for (JsonNode service : SERVICES) {
      for (JsonNode volume : service.path("volumes")) {
        String source = volume.asText().split(":")[0];
        if (source.startsWith(".")) {
          assertThat(Path.of("fleet").resolve(source)).exists();
        }
      }
    }
  }
}
