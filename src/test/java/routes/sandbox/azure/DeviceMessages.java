package routes.sandbox.azure;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.StringJoiner;
import java.util.function.Predicate;
import routes.sandbox.Arrived;

/**
 * Cloud-to-device messages that wait for one device
 * (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-c2d).
 */
final class DeviceMessages {
  private static final int LARGEST = 64 << 10;
  private static final int LONGEST_QUEUE = 50;

  private final String path;
  private final Queue<Arrived> queue = new ArrayDeque<>();

  /**
   * @param path the topic prefix, such as devices/edge-1
   */
  DeviceMessages(String path) {
    this.path = path;
  }

  /**
   * @param properties those of the hub begin with $.
   * @throws IllegalStateException if it is too large or too many are waiting
   */
  synchronized void add(Map<String, String> properties, byte[] payload) {
    StringJoiner bag = new StringJoiner("&");
    bag.add("%24.to=" + encode("/" + path + "/messages/deviceBound"));
    properties.forEach((name, value) -> bag.add(encode(name) + "=" + encode(value)));
    if (payload.length + bag.length() > LARGEST) {
      throw new IllegalStateException("a message to a device of more than 64 KB");
    }
    if (queue.size() == LONGEST_QUEUE) {
      throw new IllegalStateException("403004 DeviceMaximumQueueDepthExceeded");
    }
    queue.add(Sent.message(path + "/messages/devicebound/" + bag, payload));
  }

  /**
   * @param send returns whether it sent the message
   */
  synchronized void sendTo(Predicate<Arrived> send) {
    while (!queue.isEmpty() && send.test(queue.element())) {
      queue.remove();
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
