package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.ConsumerInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Scanner;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Endpoint;
import routes.bus.BusStreams;
import routes.bus.CommandConnection;
import routes.settings.Settings;

/**
 * The command {@code consumers}: lists the consumers of the streams, and removes those of deleted
 * gateways. It keeps every consumer that belongs to another device, that a route file uses, or from
 * which a running process receives.
 */
public final class ConsumersCommand {
  private static final String USAGE =
      "usage: consumers [list] | consumers remove NAME | consumers prune [--yes]";
  private static final Pattern OWNER = Pattern.compile("route (\\S+) of device (\\S+)");
  private static final String ROW = "%-10s %-32s %-28s %9s  %11s  %-13s  %s%n";

  private final Connection connection;
  private final JetStreamManagement management;
  private final String device;
  private final Map<String, String> routes = new HashMap<>();
  private final Set<String> streams = new TreeSet<>(Set.of(BusStreams.TELEMETRY, "INVENTORY"));
  private final InputStream in;
  private final PrintStream out;

  /** The routes that a start would create, and their settings. */
  public interface Loaded {
    Settings settings();

    /** What each route takes its messages from, by route id. */
    Map<String, Endpoint> sources();
  }

  /** Loads the routes; an {@link IllegalStateException} has the reason why it cannot. */
  @FunctionalInterface
  public interface Loader {
    Loaded load();
  }

  private ConsumersCommand(Connection connection, Loaded loaded, InputStream in, PrintStream out)
      throws IOException {
    this.connection = connection;
    this.management = connection.jetStreamManagement();
    this.device = loaded.settings().require("device.id", "this device's id");
    this.in = in;
    this.out = out;
    loaded
        .sources()
        .forEach(
            (route, endpoint) -> {
              if (endpoint instanceof JetStreamEndpoint source) {
                DurableConsumer consumer = source.durable(route);
                routes.put(consumer.stream() + " " + consumer.name(), route);
                streams.add(consumer.stream());
              }
            });
  }

  /**
   * @param words the arguments after {@code consumers}
   * @param in where the answer to a question comes from
   * @return the exit code: 0, 1 if it failed, 2 for invalid arguments
   */
  public static int run(
      List<String> words, Loader loader, InputStream in, PrintStream out, PrintStream err) {
    String what = words.isEmpty() ? "list" : words.get(0);
    boolean valid =
        switch (what) {
          case "list" -> words.size() <= 1;
          case "remove" -> words.size() == 2;
          case "prune" -> words.size() == 1 || words.equals(List.of("prune", "--yes"));
          default -> false;
        };
    if (!valid) {
      err.println(USAGE);
      return 2;
    }
    Loaded loaded;
    try {
      loaded = loader.load();
    } catch (IllegalStateException e) {
      err.println("consumers: " + e.getMessage());
      return 1;
    }
    return CommandConnection.run(
        "consumers",
        loaded.settings(),
        err,
        connection -> {
          ConsumersCommand command = new ConsumersCommand(connection, loaded, in, out);
          switch (what) {
            case "remove" -> command.remove(words.get(1));
            case "prune" -> command.prune(words.size() == 2);
            default -> command.list();
          }
        });
  }

  private List<ConsumerInfo> consumers() throws IOException, JetStreamApiException {
    List<ConsumerInfo> consumers = new ArrayList<>();
    for (String stream : streams) {
      try {
        consumers.addAll(management.getConsumers(stream));
      } catch (JetStreamApiException e) {
        if (!DurableConsumer.streamMissing(e)) {
          throw e;
        }
      }
    }
    return consumers;
  }

  private void list() throws IOException, JetStreamApiException {
    List<ConsumerInfo> consumers = consumers();
    if (consumers.isEmpty()) {
      out.println("no consumers");
      return;
    }
    out.printf(
        ROW, "stream", "consumer", "filter", "backlog", "ack pending", "last delivery", "used by");
    for (ConsumerInfo consumer : consumers) {
      String route = route(consumer);
      String other = owner(consumer).equals(device) ? "-" : "device " + owner(consumer);
      out.printf(
          Locale.ROOT,
          ROW,
          consumer.getStreamName(),
          CommandConnection.shown(consumer.getName()),
          CommandConnection.shown(String.join(",", ConsumerState.filters(consumer))),
          consumer.getNumPending(),
          consumer.getNumAckPending(),
          ago(consumer.getDelivered().getLastActive()),
          route != null
              ? route
              : CommandConnection.shown(owner(consumer).isEmpty() ? "unknown" : other));
    }
  }

  private static String ago(ZonedDateTime time) {
    if (time == null) {
      return "never";
    }
    long seconds = Math.max(0, Duration.between(time, ZonedDateTime.now()).toSeconds());
    if (seconds < 120) {
      return seconds + " s ago";
    }
    return seconds < 2 * 3600
        ? seconds / 60 + " min ago"
        : seconds < 48 * 3600 ? seconds / 3600 + " h ago" : seconds / 86_400 + " d ago";
  }

  /** The route that uses it; null if none of the route files does. */
  private String route(ConsumerInfo consumer) {
    return routes.get(consumer.getStreamName() + " " + consumer.getName());
  }

  /** The device whose runtime created it; empty if unknown. */
  private String owner(ConsumerInfo consumer) {
    String named = described(consumer);
    if (!named.isEmpty()) {
      return named;
    }
    // such as those that docs/operate.md formerly created with the NATS CLI
    boolean own =
        consumer.getName().endsWith("_" + device)
            && ConsumerState.filters(consumer).stream().allMatch(this::isOwn);
    return own ? device : "";
  }

  /** The device in the description; empty if there is none. */
  private static String described(ConsumerInfo consumer) {
    String description = consumer.getConsumerConfiguration().getDescription();
    Matcher owner = OWNER.matcher(description == null ? "" : description);
    return owner.matches() ? owner.group(2) : "";
  }

  private boolean isOwn(String filter) {
    return filter.startsWith("telemetry." + device + ".") || filter.equals("inventory." + device);
  }

  /** Why a consumer must not be removed; null if it may be. */
  private String obstacle(ConsumerInfo consumer) throws InterruptedException {
    String owner = owner(consumer);
    if (!owner.equals(device)) {
      return owner.isEmpty()
          ? "was not created by a runtime; remove it with nats consumer rm"
          : "belongs to device " + owner + "; use DEVICE_ID=" + owner + " to remove it";
    }
    if (route(consumer) != null) {
      return "is used by route "
          + route(consumer)
          + "; remove its gateway from gateways, or the route file";
    }
    boolean used =
        consumer.getNumWaiting() > 0
            || OtherProcesses.isUsed(connection, consumer.getStreamName(), consumer.getName());
    return used ? "is in use by a running process; stop that process first" : null;
  }

  private void remove(String name) throws IOException, JetStreamApiException, InterruptedException {
    List<ConsumerInfo> named =
        consumers().stream().filter(consumer -> consumer.getName().equals(name)).toList();
    if (named.isEmpty()) {
      throw new IllegalStateException("no consumer " + name + "; list them with: consumers");
    }
    for (ConsumerInfo consumer : named) {
      String obstacle = obstacle(consumer);
      if (obstacle != null) {
        throw new IllegalStateException(name + " " + obstacle);
      }
      remove(consumer);
    }
  }

  private void remove(ConsumerInfo consumer) throws IOException, JetStreamApiException {
    management.deleteConsumer(consumer.getStreamName(), consumer.getName());
    out.println(removal("removed ", consumer));
  }

  private static String removal(String verb, ConsumerInfo consumer) {
    return String.format(
        Locale.ROOT,
        "%s%s of stream %s, backlog %,d",
        verb,
        consumer.getName(),
        consumer.getStreamName(),
        consumer.getNumPending() + consumer.getNumAckPending());
  }

  /** Removes consumers that a runtime of this device created and that nothing uses. */
  private void prune(boolean yes) throws IOException, JetStreamApiException, InterruptedException {
    List<ConsumerInfo> unused = new ArrayList<>();
    for (ConsumerInfo consumer : consumers()) {
      if (isCreatedHere(consumer) && route(consumer) == null) {
        String obstacle = obstacle(consumer);
        if (obstacle == null) {
          unused.add(consumer);
        } else {
          out.println("kept " + consumer.getName() + ": it " + obstacle);
        }
      }
    }
    if (unused.isEmpty()) {
      out.println("nothing to remove");
      return;
    }
    if (!yes) {
      unused.forEach(consumer -> out.println(removal("unused: ", consumer)));
      out.print("Remove them? Their positions are lost. [y/N] ");
      out.flush();
      Scanner answer = new Scanner(in, StandardCharsets.UTF_8);
      if (!answer.hasNextLine() || !answer.nextLine().strip().matches("(?i)y|yes")) {
        throw new IllegalStateException("nothing removed; answer y, or use --yes");
      }
    }
    for (ConsumerInfo consumer : unused) {
      remove(consumer);
    }
  }

  /** The device is taken from the description, because it may end like another device's name. */
  private boolean isCreatedHere(ConsumerInfo consumer) {
    return described(consumer).equals(device);
  }
}
