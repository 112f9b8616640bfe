package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.BusStreams;

/**
 * Checks every minute whether a durable consumer receives this device's telemetry, of this process
 * or any other. A process whose own gateway receives it asks nothing. Any other process asks for
 * the stream and for the consumer found last, and reads the list of consumers only if that one is
 * gone.
 */
final class TelemetryWatch implements Consumer<Connection> {
  private static final Logger LOG = LoggerFactory.getLogger("bus");
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** Consumers of the stream that are read at most; nothing is reported if there are more. */
  private static final int MOST = 10_000;

  /** An unchanged list without a match is read again after this many checks. */
  private static final int UNCHANGED = 10;

  private final Supplier<List<String>> own;
  private String subject;
  private Connection current;
  private String found;
  private long count = -1;
  private int checks;
  private volatile String problem;

  /**
   * @param own the filters of this process's consumers of the stream
   */
  TelemetryWatch(Supplier<List<String>> own) {
    this.own = own;
  }

  /** The device is known once the context starts. */
  TelemetryWatch of(String device) {
    subject = "telemetry." + device + ".>";
    return this;
  }

  /** What is wrong and how to fix it, in one line; empty if nothing is known to be wrong. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public void accept(Connection connection) {
    boolean fresh = connection != current;
    current = connection;
    if (fresh) {
      return; // this process's routes have not created their consumers yet
    }
    try {
      report(isConsumed(connection));
    } catch (IOException | JetStreamApiException | RuntimeException e) {
      LOG.debug("consumers of {}", BusStreams.TELEMETRY, e); // unknown; the bus reports the reason
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void report(boolean consumed) {
    if (consumed && problem != null) {
      LOG.info("{} is consumed now", subject);
      problem = null;
    } else if (!consumed && problem == null) {
      problem =
          "no consumer of stream "
              + BusStreams.TELEMETRY
              + " receives "
              + subject
              + ", so its messages expire undelivered; enable a gateway (gateways), start a hub, or"
              + " set gateways=none if they are to stay on the bus";
      LOG.warn(problem);
    }
  }

  private boolean isConsumed(Connection connection)
      throws IOException, JetStreamApiException, InterruptedException {
    if (matches(own.get())) {
      return true;
    }
    JetStreamManagement management =
        connection.jetStreamManagement(JetStreamOptions.builder().requestTimeout(TIMEOUT).build());
    StreamInfo stream =
        management.getStreamInfo(BusStreams.TELEMETRY, StreamInfoOptions.filterSubjects(subject));
    if (stream.getStreamState().getSubjects().isEmpty()) {
      return true; // nothing to consume
    }
    if (found != null) {
      try {
        if (matches(management.getConsumerInfo(BusStreams.TELEMETRY, found))) {
          return true;
        }
      } catch (JetStreamApiException e) {
        LOG.debug("consumer {}", found, e); // deleted
      }
      found = null;
      count = -1;
    }
    long consumers = stream.getStreamState().getConsumerCount();
    if (consumers == count && ++checks % UNCHANGED != 0) {
      return problem == null;
    }
    found = find(connection);
    count = consumers;
    return found != null || consumers > MOST;
  }

  /** Reads the list page by page, because jnats would read all of them. */
  private String find(Connection connection) throws IOException, InterruptedException {
    int total = MOST;
    int size = 1;
    for (int offset = 0; size > 0 && offset < Math.min(total, MOST); offset += size) {
      Message answer =
          connection.request(
              "$JS.API.CONSUMER.LIST." + BusStreams.TELEMETRY,
              ("{\"offset\":" + offset + "}").getBytes(StandardCharsets.US_ASCII),
              TIMEOUT);
      if (answer == null || answer.getData() == null) {
        throw new IOException("no answer");
      }
      JsonValue page = JsonParser.parse(answer.getData());
      total = JsonValueUtils.readInteger(page, "total", 0);
      List<JsonValue> consumers = JsonValueUtils.readArray(page, "consumers");
      size = consumers.size();
      for (JsonValue consumer : consumers) {
        ConsumerInfo info = new ConsumerInfo(consumer);
        if (matches(info)) {
          return info.getName();
        }
      }
    }
    return null;
  }

  private boolean matches(ConsumerInfo consumer) {
    return consumer.getConsumerConfiguration().getDurable() != null
        && matches(ConsumerState.filters(consumer));
  }

  private boolean matches(List<String> filters) {
    return filters.stream().anyMatch(filter -> overlap(filter, subject));
  }

  /** Whether some subject matches both patterns. */
  static boolean overlap(String one, String other) {
    String[] a = one.split("\\.");
    String[] b = other.split("\\.");
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      if (a[i].equals(">") || b[i].equals(">")) {
        return true;
      }
      if (!a[i].equals(b[i]) && !a[i].equals("*") && !b[i].equals("*")) {
        return false;
      }
    }
    return a.length == b.length;
  }
}
