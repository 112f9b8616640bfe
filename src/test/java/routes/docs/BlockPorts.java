package routes.docs;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.sandbox.Ports;

/** Replaces the ports that a page names by the ports in use. */
final class BlockPorts {
  private static final List<String> NAMED = List.of("1883", "1884", "4222", "8080");
  private static final Pattern PORT = Pattern.compile("\\b(" + String.join("|", NAMED) + ")\\b");

  private final Map<String, String> ports = new LinkedHashMap<>();

  private BlockPorts() {}

  static BlockPorts free() throws IOException {
    BlockPorts free = new BlockPorts();
    for (String port : NAMED) {
      free.ports.put(port, String.valueOf(Ports.free()));
    }
    return free;
  }

  /**
   * The ports of a {@code ./run}.
   *
   * @param env its file target/sandbox/env
   */
  static BlockPorts of(String env) {
    BlockPorts run = new BlockPorts();
    run.ports.put("4222", port(env, "NATS_SERVERS"));
    run.ports.put("1883", port(env, "MQTT_URL"));
    run.ports.put("8080", port(env, "HTTP_URL"));
    return run;
  }

  private static String port(String env, String key) {
    Matcher port = Pattern.compile("(?m)^" + key + "=.*:(\\d+)$").matcher(env);
    if (!port.find()) {
      throw new IllegalArgumentException(key + " is missing in " + env);
    }
    return port.group(1);
  }

  String get(String named) {
    return ports.get(named);
  }

  String in(String commands) {
    return PORT.matcher(commands)
        .replaceAll(port -> ports.getOrDefault(port.group(), port.group()));
  }
}
