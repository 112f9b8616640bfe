package routes.jetstream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.Subscription;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.uplink.Json;

/**
 * Logs one line about each other process that runs a collector of the same device or pulls from the
 * same durable consumer.
 *
 * <p>Each process announces its claims every minute on plain NATS subjects, one per claim, and
 * subscribes to them. Plain subjects also reach the processes behind leaf nodes, and nothing
 * remembers a process that has ended, so a restart causes no warning.
 */
final class OtherProcesses implements Consumer<Connection> {
  private static final Logger LOG = LoggerFactory.getLogger("bus");
  private static final Duration ANSWER = Duration.ofMillis(500);
  private static final int LARGEST = 1024;
  private static final int MOST_PENDING = 100;
  private static final int MOST_KNOWN = 100;

  /**
   * Something that one process should have for itself.
   *
   * @param subject where it is announced
   * @param name the name in the log
   * @param created when the server created the consumer; null for a collector. Consumers of two
   *     servers can have the same name.
   * @param replicated whether other processes may share it
   */
  record Claim(String subject, String name, ZonedDateTime created, boolean replicated) {
    static Claim collector(String device, String route) {
      return new Claim("processes.route." + device + "." + token(route), route, null, false);
    }

    static Claim consumer(DurableConsumer consumer, ZonedDateTime created, boolean replicated) {
      String subject = subject(consumer.stream(), consumer.name());
      return new Claim(subject, consumer.name(), created, replicated);
    }

    private static String subject(String stream, String consumer) {
      return "processes.consumer." + token(stream) + "." + token(consumer);
    }

    private static String token(String text) {
      return text.replaceAll("[^A-Za-z0-9_-]", "_");
    }
  }

  private final String device;
  private final String host;
  private final Supplier<Set<Claim>> claims;
  private final String id = UUID.randomUUID().toString();
  private final Map<Claim, Subscription> subscriptions = new HashMap<>();
  private final Set<String> known = new LinkedHashSet<>();
  private Connection current;

  /**
   * @param claims what this process has now
   */
  OtherProcesses(String device, String host, Supplier<Set<Claim>> claims) {
    this.device = device;
    this.host = host;
    this.claims = claims;
  }

  /** Announces a new consumer at once, so that {@code consumers prune} keeps it. */
  synchronized void claim(Connection connection) {
    try {
      use(connection);
      subscribe(connection);
    } catch (IllegalStateException e) {
      LOG.debug("processes", e); // just disconnected
    }
  }

  @Override
  public synchronized void accept(Connection connection) {
    try {
      boolean fresh = use(connection);
      subscribe(connection);
      if (!fresh) { // the routes have had time to start, so that one line names all of them
        read();
        subscriptions.keySet().forEach(claim -> announce(connection, claim));
      }
    } catch (IllegalStateException e) {
      LOG.debug("processes", e); // just disconnected
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether the connection is new. */
  private boolean use(Connection connection) {
    boolean fresh = connection != current;
    if (fresh) {
      subscriptions.clear(); // they ended with their connection
      current = connection;
    }
    return fresh;
  }

  private void subscribe(Connection connection) {
    Set<Claim> now = claims.get();
    subscriptions
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !now.contains(entry.getKey());
              if (gone) {
                entry.getValue().unsubscribe();
              }
              return gone;
            });
    for (Claim claim : now) {
      subscriptions.computeIfAbsent(
          claim,
          key -> {
            Subscription subscription = connection.subscribe(key.subject());
            subscription.setPendingLimits(MOST_PENDING, MOST_PENDING * LARGEST);
            return subscription;
          });
    }
  }

  private void announce(Connection connection, Claim claim) {
    ObjectNode text = Json.object();
    text.put("process", id);
    text.put("device", device);
    text.put("host", host);
    text.put("pid", ProcessHandle.current().pid());
    ProcessHandle.current().info().startInstant().ifPresent(at -> text.put("started", "" + at));
    text.put("replicated", claim.replicated());
    if (claim.created() != null) {
      text.put("created", claim.created().toString());
    }
    connection.publish(claim.subject(), Json.write(text));
  }

  private void read() throws InterruptedException {
    Map<String, JsonNode> others = new LinkedHashMap<>();
    Map<String, Set<String>> collectors = new HashMap<>();
    Map<String, Set<String>> consumers = new HashMap<>();
    for (Map.Entry<Claim, Subscription> entry : subscriptions.entrySet()) {
      Claim claim = entry.getKey();
      Message message;
      while ((message = entry.getValue().nextMessage(Duration.ofMillis(1))) != null) {
        JsonNode other = announcement(message).orElse(null);
        if (other != null && conflicts(claim, other)) {
          String process = other.path("process").asText();
          others.put(process, other);
          (claim.created() == null ? collectors : consumers)
              .computeIfAbsent(process, key -> new TreeSet<>())
              .add(claim.name());
        }
      }
    }
    others.forEach(
        (process, other) -> {
          if (isNew(process)) {
            warn(other, collectors.get(process), consumers.get(process));
          }
        });
  }

  /** The payload of a process of this version or a similar one; empty for anything else. */
  private static Optional<JsonNode> announcement(Message message) {
    byte[] data = message.getData();
    return data == null || data.length > LARGEST
        ? Optional.empty()
        : Json.read(data).filter(json -> json.path("process").isTextual());
  }

  private boolean conflicts(Claim claim, JsonNode other) {
    if (id.equals(other.path("process").asText())
        || claim.replicated() && other.path("replicated").asBoolean()) {
      return false;
    }
    if (claim.created() == null) {
      return true;
    }
    try {
      return ConsumerState.isSame(
          claim.created(), ZonedDateTime.parse(other.path("created").asText()));
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private boolean isNew(String process) {
    if (known.size() >= MOST_KNOWN) {
      known.remove(known.iterator().next());
    }
    return known.add(process);
  }

  private void warn(JsonNode other, Set<String> collectors, Set<String> consumers) {
    String process =
        "process %s on %s (started %s)"
            .formatted(
                other.path("pid").asText(),
                other.path("host").asText(),
                other.path("started").asText());
    if (collectors != null) {
      LOG.warn(
          "{} also runs {} as device {}: samples of both are mixed{}; set another device.id there",
          process,
          String.join(", ", collectors),
          device,
          consumers == null ? "" : ", and each gateway receives a part of them");
    } else {
      LOG.warn(
          "{} also receives from consumer {} as device {}: each process receives only a part of"
              + " the messages; set another device.id or durableName there",
          process,
          String.join(", ", consumers),
          other.path("device").asText());
    }
  }

  /**
   * Whether a running process has announced that it uses a consumer.
   *
   * @param connection must report requests without responders
   */
  static boolean isUsed(Connection connection, String stream, String consumer)
      throws InterruptedException {
    try {
      connection
          .request(Claim.subject(stream, consumer), null)
          .get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException e) {
      return !(e.getCause() instanceof JetStreamStatusException);
    } catch (TimeoutException e) {
      return true; // somebody has subscribed, and nobody ever replies
    }
  }
}
