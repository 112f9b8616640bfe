package routes.sandbox.google;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A Pub/Sub topic as a file. Each line is a PubsubMessage in JSON, as the service delivers it: the
 * payload in base64, attributes, an id and a time.
 */
final class PubsubFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private long lastId;

  PubsubFile(Path file) {
    this.file = file;
  }

  synchronized void append(byte[] payload, Map<String, String> attributes) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("data", Base64.getEncoder().encodeToString(payload));
    message.put("attributes", attributes);
    message.put("messageId", String.valueOf(++lastId));
    message.put("publishTime", Instant.now().toString());
    try {
      Files.createDirectories(file.getParent());
      byte[] line = (JSON.writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8);
      Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
