package routes.sample;

import com.github.f4b6a3.ulid.UlidFactory;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * This device as the clouds know it: its id, its labels, and the head of every message it sends.
 *
 * @param ids creates message ids that are unique and sort by time
 */
public record Device(String id, Map<String, String> labels, Clock clock, Supplier<String> ids) {
  private static final Supplier<String> IDS = ids(Clock.systemUTC());
  private static final DateTimeFormatter MILLISECONDS =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  public Device(String id, Map<String, String> labels) {
    this(id, labels, Clock.systemUTC(), IDS);
  }

  /**
   * Creates ids that stay sorted even when the clock is set back: until it catches up, the latest
   * time is used.
   */
  static Supplier<String> ids(InstantSource clock) {
    AtomicLong latest = new AtomicLong();
    UlidFactory factory =
        UlidFactory.newMonotonicInstance(
            new SecureRandom(), () -> latest.accumulateAndGet(clock.millis(), Math::max));
    return () -> factory.create().toString();
  }

  public static Device of(Settings settings) {
    return new Device(
        settings.require("device.id", "this device's id"), labels(settings.list("device.labels")));
  }

  /** Creates a message with its id, deviceId, timestamp and any labels. */
  public Map<String, Object> message() {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("id", ids.get());
    message.put("deviceId", id);
    message.put("timestamp", MILLISECONDS.format(clock.instant()));
    if (!labels.isEmpty()) {
      message.put("labels", labels);
    }
    return message;
  }

  static Map<String, String> labels(List<String> pairs) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new SettingException(
            "device.labels",
            "\"" + pair + "\" is not a label; use name=value pairs such as site=berlin");
      }
      labels.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
    }
    return labels;
  }
}
