package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.DiscardPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.Settings;

/**
 * The streams of the bus: TELEMETRY keeps what devices send, INVENTORY the latest inventory of each
 * device, and DEAD the messages that clouds refuse.
 */
public final class BusStreams {
  public static final String TELEMETRY = "TELEMETRY";
  public static final String DEAD = "DEAD";
  public static final String DEAD_SUBJECTS = "dead.>";

  /** JetStream's error code. */
  public static final int NOT_FOUND = 10059;

  private static final Logger LOG = LoggerFactory.getLogger("bus");

  /** Enough for the inventories of thousands of devices; some accounts require a limit. */
  private static final long INVENTORY_BYTES = 16 << 20;

  private final List<BusStream> streams;
  private final Set<String> warned = new HashSet<>();

  private BusStreams(List<BusStream> streams) {
    this.streams = streams;
  }

  /**
   * @throws routes.settings.SettingException if a limit is malformed
   */
  static BusStreams of(Settings settings) {
    return new BusStreams(
        List.of(
            stream(settings, TELEMETRY, "telemetry.*.>", "bus", DiscardPolicy.Old),
            new BusStream(
                "INVENTORY",
                "inventory.>",
                "",
                Duration.ZERO,
                INVENTORY_BYTES,
                DiscardPolicy.Old,
                1),
            // A full DEAD takes no more: a broker that refuses everything costs no message.
            stream(settings, DEAD, DEAD_SUBJECTS, "dead", DiscardPolicy.New)));
  }

  private static BusStream stream(
      Settings settings, String name, String subject, String prefix, DiscardPolicy discard) {
    Duration maxAge = settings.duration(prefix + ".max-age");
    long maxBytes = settings.bytes(prefix + ".max-bytes");
    return new BusStream(name, subject, prefix, maxAge, maxBytes, discard, -1);
  }

  /**
   * Creates the streams that are missing. Warns once about each one that has other limits.
   *
   * @return the first problem and its fix, in one line
   */
  Optional<String> ensure(Connection connection) {
    String problem = null;
    for (BusStream stream : streams) {
      try {
        stream
            .ensure(connection)
            .filter(difference -> warned.add(stream.name()))
            .ifPresent(LOG::warn);
      } catch (JetStreamApiException e) {
        problem = problem == null ? problem(stream, e) : problem;
      } catch (IOException | RuntimeException e) { // no answer: there would be none for the others
        return Optional.of(problem(stream, e));
      }
    }
    return Optional.ofNullable(problem);
  }

  private static String problem(BusStream stream, Exception e) {
    String problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    int code = e instanceof JetStreamApiException api ? api.getApiErrorCode() : 0;
    return "stream "
        + stream.name()
        + ": "
        + problem
        + switch (code) {
          case 10076, 10039 -> ": start nats-server with -js or a jetstream block";
          case 10023, 10047, 10028, 10122 ->
              ": lower bus.max-bytes and dead.max-bytes, or raise nats-server's max_file_store";
          case 10065 -> ": another stream has its subject; delete it or change its subjects";
          case 10052 -> ": delete the stream if its messages are not needed";
          default ->
              e instanceof IOException
                  ? ": is JetStream on (nats-server -js), and is this user permitted $JS.API.>?"
                  : "";
        };
  }
}
