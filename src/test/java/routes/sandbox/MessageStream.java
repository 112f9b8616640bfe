package routes.sandbox;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Streams the messages that arrive at a cloud, one line of JSON each, to watchers on the service's
 * side. A watcher that reads too slowly misses some.
 */
final class MessageStream implements Consumer<Arrived> {
  private static final int MOST_WAITING = 1_000;
  private static final int BLANK_LINE_SECONDS = 15;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final List<BlockingQueue<String>> watchers = new CopyOnWriteArrayList<>();

  @Override
  public void accept(Arrived message) {
    if (!watchers.isEmpty()) {
      String line = line(message);
      watchers.forEach(watcher -> watcher.offer(line));
    }
  }

  /** Formats a message, with its payload as JSON, text or base64. */
  private static String line(Arrived message) {
    ObjectNode line = JSON.createObjectNode();
    line.put("time", Instant.now().toString());
    line.put("client", message.clientId()).put("topic", message.topic());
    message.userProperties().forEach(line.withObject("/properties")::put);
    try {
      line.set("payload", JSON.readTree(message.payload()));
    } catch (IOException e) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(message.payload());
        line.put("payload", StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
      } catch (CharacterCodingException binary) {
        line.put("base64", message.payload());
      }
    }
    return line + "\n";
  }

  /**
   * Writes what arrives from now on until the watcher leaves, which writing a blank line detects.
   */
  void writeTo(OutputStream out) throws IOException, InterruptedException {
    BlockingQueue<String> queue = new ArrayBlockingQueue<>(MOST_WAITING);
    watchers.add(queue);
    try {
      for (String line = "\n"; ; line = queue.poll(BLANK_LINE_SECONDS, TimeUnit.SECONDS)) {
        out.write((line == null ? "\n" : line).getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } finally {
      watchers.remove(queue);
    }
  }
}
