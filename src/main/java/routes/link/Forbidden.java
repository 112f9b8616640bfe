package routes.link;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import routes.log.RateLimitedLog;

/**
 * The topics that this device may not publish to. While a topic is forbidden, one message is sent
 * to it from time to time to find out whether that has changed. The others fail here instead of
 * crossing the network again and again.
 */
final class Forbidden {
  private static final long RETRY = Duration.ofSeconds(10).toNanos();

  /**
   * A topic that was not tried for this long is unused; waiting messages are retried every minute.
   */
  private static final long UNUSED = Duration.ofMinutes(2).toNanos();

  private static final int CAPACITY = 1_000;

  private static final class Topic {
    private final long since;
    private final Failure failure;
    private final String line;
    private long sent;
    private long used;

    Topic(long now, Failure failure, String line) {
      this.since = now;
      this.failure = failure;
      this.line = line;
      this.sent = now;
      this.used = now;
    }
  }

  private final Map<String, Topic> topics =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Topic> eldest) {
          return size() > CAPACITY;
        }
      };

  private final String setting;
  private final Logger log;
  private final RateLimitedLog limited;
  private long accepted;

  /**
   * @param setting the setting that defines topics; null if the cloud defines them
   */
  Forbidden(String setting, Logger log) {
    this.setting = setting;
    this.log = log;
    this.limited = new RateLimitedLog(log);
  }

  /** Returns why a message to the topic would be refused; null if it may be sent. */
  synchronized Failure check(String topic) {
    Topic found = topics.get(topic);
    if (found == null) {
      return null;
    }
    long now = System.nanoTime();
    found.used = now;
    if (now - found.sent < RETRY) {
      return found.failure;
    }
    found.sent = now;
    return null;
  }

  /**
   * Records that the broker has refused a message to the topic.
   *
   * @return the failure of all messages to the topic
   */
  synchronized Failure refused(String topic, Failure failure) {
    Topic found = topics.get(topic);
    if (found != null) {
      return found.failure;
    }
    String advice =
        setting == null
            ? ""
            : "; grant this device's user the permission at the broker, or change " + setting;
    String line = "publishing to \"" + topic + "\": " + failure.getMessage() + advice;
    topics.put(topic, new Topic(System.nanoTime(), failure, line));
    limited.warnWithCount("", line);
    return failure;
  }

  /** Records that the broker has accepted a message to the topic. */
  synchronized void accepted(String topic) {
    accepted = System.nanoTime();
    if (topics.remove(topic) != null) {
      log.info("publishing to \"{}\" is allowed again", topic);
    }
  }

  /**
   * Whether the broker has accepted another topic since it refused this one. If so, the message is
   * at fault and not the whole gateway.
   */
  synchronized boolean othersPass(Failure failure) {
    return topics.values().stream()
        .anyMatch(topic -> topic.failure == failure && topic.since - accepted < 0);
  }

  /** What the broker currently refuses, in one line. */
  synchronized Optional<String> reason() {
    long now = System.nanoTime();
    topics.values().removeIf(topic -> now - topic.used > UNUSED);
    return topics.values().stream().findFirst().map(topic -> topic.line);
  }
}
