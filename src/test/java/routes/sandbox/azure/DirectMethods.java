package routes.sandbox.azure;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import routes.sandbox.Arrived;
import routes.sandbox.SandboxCloud.Reply;

/**
 * Direct methods that wait for a device's answer
 * (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods).
 */
final class DirectMethods {
  private static final int LARGEST = 128 << 10;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, CompletableFuture<Reply>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong();
  private final BiConsumer<Duration, Runnable> schedule;

  /**
   * @param schedule runs a task later
   */
  DirectMethods(BiConsumer<Duration, Runnable> schedule) {
    this.schedule = schedule;
  }

  /**
   * @param send sends topic and payload to the device, and returns whether it could
   */
  CompletableFuture<Reply> call(
      String device, String name, byte[] payload, Duration timeout, Predicate<Arrived> send) {
    if (payload.length > LARGEST || !json(payload)) {
      return failed("400 ArgumentInvalid: a method's payload is JSON of at most 128 KB");
    }
    String id = Long.toHexString(lastId.incrementAndGet());
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    answer.whenComplete((reply, problem) -> waiting.remove(id));
    if (!send.test(Sent.message(HubTopic.METHODS + name + "/?$rid=" + id, payload))) {
      answer.cancel(false);
      return failed(
          "404103 DeviceNotOnline: " + device + " is not connected or not subscribed to methods");
    }
    schedule.accept(
        timeout,
        () ->
            answer.completeExceptionally(
                new IllegalStateException(
                    "504101 GatewayTimeout: no answer from "
                        + device
                        + " within "
                        + timeout.toSeconds()
                        + " s")));
    return answer;
  }

  private static CompletableFuture<Reply> failed(String line) {
    return CompletableFuture.failedFuture(new IllegalStateException(line));
  }

  /** Handles the device's response. A late or repeated one changes nothing. */
  void answered(HubTopic topic, Arrived message) {
    CompletableFuture<Reply> answer = waiting.get(topic.requestId());
    if (answer == null) {
      return;
    }
    if (message.payload().length > LARGEST || !json(message.payload())) {
      answer.completeExceptionally(
          new IllegalStateException("the device's answer is not JSON of at most 128 KB"));
    } else {
      answer.complete(new Reply(topic.status(), message.text()));
    }
  }

  private static boolean json(byte[] payload) {
    try {
      JSON.readTree(payload);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
