package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.Source;
import io.nats.client.api.SourceInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import routes.settings.Settings;

/**
 * The command {@code leaf}: lists, adds and removes the leaf nodes whose telemetry a hub collects.
 * The hub's stream TELEMETRY has one source per leaf node: the stream TELEMETRY of the leaf node's
 * JetStream domain. It has no subjects of its own, because it would store messages twice if
 * subjects crossed a leaf-node connection.
 */
public final class LeafCommand {
  private static final String USAGE =
      "usage: leaf [list] | leaf add DOMAIN [new | TIME] | leaf remove DOMAIN";
  private static final String ROW = "%-24s %10s  %-14s  %s%n";
  private static final int ATTEMPTS = 5;

  /** nats-server hears from an idle source every second, and asks again after 10 s of silence. */
  private static final Duration CURRENT_CONTACT = Duration.ofSeconds(10);

  /**
   * The shortest that nats-server accepts. Sources need none, and with a longer one, the hub would
   * drop a message whose id is also used on another leaf node.
   */
  private static final Duration DUPLICATES = Duration.ofMillis(100);

  private final BusStream telemetry;
  private final JetStreamManagement management;
  private final PrintStream out;

  private LeafCommand(BusStream telemetry, Connection connection, PrintStream out)
      throws IOException {
    this.telemetry = telemetry;
    this.management = connection.jetStreamManagement();
    this.out = out;
  }

  /**
   * @param words the arguments after {@code leaf}
   * @return the exit code: 0, 1 if it failed, 2 for invalid arguments
   */
  public static int run(Settings settings, List<String> words, PrintStream out, PrintStream err) {
    String what = words.isEmpty() ? "list" : words.get(0);
    boolean list = what.equals("list") && words.size() <= 1;
    boolean add = what.equals("add") && (words.size() == 2 || words.size() == 3);
    if (!list && !add && (words.size() != 2 || !what.equals("remove"))) {
      err.println(USAGE);
      return 2;
    }
    if (!list && !words.get(1).matches("[A-Za-z0-9_-]{1,64}")) {
      err.println(
          "leaf: \""
              + words.get(1)
              + "\" is not a JetStream domain; use 1 to 64 letters, digits, - and _");
      return 2;
    }
    Optional<Duration> back = Optional.empty();
    if (words.size() == 3) {
      back = words.get(2).equals("new") ? Optional.of(Duration.ZERO) : Settings.time(words.get(2));
      if (back.isEmpty()) {
        err.println("leaf: \"" + words.get(2) + "\" is not a time; use new, or a value such as 1h");
        return 2;
      }
    }
    Optional<ZonedDateTime> from = back.map(time -> ZonedDateTime.now(ZoneOffset.UTC).minus(time));
    BusStream telemetry = BusStreams.telemetry(settings);
    return CommandConnection.run(
        "leaf",
        settings,
        err,
        connection -> {
          LeafCommand command = new LeafCommand(telemetry, connection, out);
          try {
            switch (what) {
              case "add" -> command.add(connection, words.get(1), from.orElse(null));
              case "remove" -> command.remove(words.get(1));
              default -> command.list();
            }
          } catch (JetStreamApiException e) {
            throw new IllegalStateException(
                StreamProblem.describe(telemetry.name(), e, connection, telemetry.replicas()), e);
          }
        });
  }

  /**
   * @param from the leaf node's clock at the first message to fetch; null for all
   */
  private void add(Connection connection, String domain, ZonedDateTime from)
      throws IOException, JetStreamApiException {
    Source source = Source.builder().name(telemetry.name()).domain(domain).startTime(from).build();
    StreamConfiguration found = find();
    if (found == null) {
      telemetry.replicas().check(connection);
      management.addStream(telemetry.create().duplicateWindow(DUPLICATES).sources(source).build());
      out.println("created stream " + telemetry.name() + " with the source " + domain);
      return;
    }
    if (domains(found).contains(domain)) {
      out.println(domain + " is already a source of stream " + telemetry.name());
      return;
    }
    for (int i = 0; i < ATTEMPTS && !domains(found).contains(domain); i++) {
      // Repeated, because another update at the same time would overwrite this one.
      management.updateStream(StreamConfiguration.builder(found).addSources(source).build());
      found = find();
    }
    out.println("added " + domain + " to stream " + telemetry.name());
    if (!found.getSubjects().isEmpty()) {
      out.println(
          "stream "
              + telemetry.name()
              + " also stores "
              + String.join(", ", found.getSubjects())
              + " of this hub; deny telemetry.> on each leaf-node connection");
    }
  }

  private void remove(String domain) throws IOException, JetStreamApiException {
    StreamConfiguration found = find();
    if (found == null || !domains(found).contains(domain)) {
      throw new IllegalStateException(
          domain
              + " is not a source of stream "
              + telemetry.name()
              + "; list them with: leaf list");
    }
    List<Source> rest = new ArrayList<>(found.getSources());
    rest.removeIf(
        source ->
            source.getExternal() != null && domain(source.getExternal().getApi()).equals(domain));
    management.updateStream(StreamConfiguration.builder(found).sources(rest).build());
    out.println("removed " + domain + " from stream " + telemetry.name());
  }

  private void list() throws IOException, JetStreamApiException {
    StreamInfo info = find() == null ? null : management.getStreamInfo(telemetry.name());
    if (info == null || info.getSourceInfos() == null || info.getSourceInfos().isEmpty()) {
      out.println("no leaf nodes");
      return;
    }
    out.printf(ROW, "leaf", "lag", "last contact", "error");
    for (SourceInfo source : info.getSourceInfos()) {
      Duration active = source.getActive();
      boolean never = active == null || active.isNegative();
      out.printf(
          ROW,
          source.getExternal() == null ? source.getName() : domain(source.getExternal().getApi()),
          lag(source.getLag(), active),
          never ? "never" : active.toSeconds() + " s ago",
          source.getError() == null ? "" : source.getError().getDescription());
    }
  }

  /**
   * @param active the time since the last contact; null or negative if there was none
   * @return the lag; "?" without a current contact, because the server then has the last known one
   */
  static String lag(long lag, Duration active) {
    boolean current =
        active != null && !active.isNegative() && active.compareTo(CURRENT_CONTACT) <= 0;
    return current ? String.valueOf(lag) : "?";
  }

  private StreamConfiguration find() throws IOException, JetStreamApiException {
    try {
      return management.getStreamInfo(telemetry.name()).getConfiguration();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == BusStreams.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  private static List<String> domains(StreamConfiguration stream) {
    return stream.getSources().stream()
        .filter(source -> source.getExternal() != null)
        .map(source -> domain(source.getExternal().getApi()))
        .toList();
  }

  /** Of {@code $JS.<domain>.API}. */
  private static String domain(String api) {
    return api.replaceFirst("^\\$JS\\.", "").replaceFirst("\\.API$", "");
  }
}
