package routes.sandbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Counts how often each sample arrives at a cloud, while an outage is staged. */
final class Arrivals implements Consumer<Arrived> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Integer> ids = new ConcurrentHashMap<>();
  private volatile boolean recording;

  void start() {
    ids.clear();
    recording = true;
  }

  void stop() {
    recording = false;
    ids.clear();
  }

  @Override
  public void accept(Arrived message) {
    if (recording) {
      try {
        String id = JSON.readTree(message.payload()).path("id").asText();
        ids.merge(id, 1, Integer::sum);
      } catch (IOException e) {
        // not a sample
      }
    }
  }

  /** How often the sample arrived. */
  int of(String id) {
    return ids.getOrDefault(id, 0);
  }
}
