package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
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
 * The bus's streams: TELEMETRY keeps what devices send, INVENTORY the latest inventory of each
 * device, and DEAD the messages that clouds refuse.
 */
public final class BusStreams {
  public static final String TELEMETRY = "TELEMETRY";
  public static final String TELEMETRY_SUBJECTS = "telemetry.*.>";
  public static final String INVENTORY = "INVENTORY";
  public static final String DEAD = "DEAD";
  public static final String DEAD_SUBJECTS = "dead.>";

  /** The streams that the runtime creates at start. */
  public static final List<String> NAMES = List.of(TELEMETRY, INVENTORY, DEAD);

  /** JetStream's error code. */
  public static final int NOT_FOUND = 10059;

  private static final Logger LOG = LoggerFactory.getLogger("bus");

  /** Enough for the inventories of thousands of devices; some accounts require a limit. */
  private static final long INVENTORY_BYTES = 16 << 20;

  private final List<BusStream> streams;
  private final Replicas replicas;
  private final Set<String> warned = new HashSet<>();
  private boolean isCaptured;

  private BusStreams(List<BusStream> streams, Replicas replicas) {
    this.streams = streams;
    this.replicas = replicas;
  }

  /**
   * @throws routes.settings.SettingException if a limit is malformed
   */
  static BusStreams of(Settings settings) {
    Replicas replicas = Replicas.of(settings);
    return new BusStreams(
        List.of(
            telemetry(settings),
            new BusStream(
                INVENTORY,
                "inventory.>",
                "",
                Duration.ZERO,
                INVENTORY_BYTES,
                DiscardPolicy.Old,
                1,
                replicas),
            // A full DEAD accepts no more, so a broker that refuses everything causes no loss.
            stream(settings, DEAD, DEAD_SUBJECTS, "dead", DiscardPolicy.New)),
        replicas);
  }

  static BusStream telemetry(Settings settings) {
    return stream(settings, TELEMETRY, TELEMETRY_SUBJECTS, "bus", DiscardPolicy.Old);
  }

  private static BusStream stream(
      Settings settings, String name, String subject, String prefix, DiscardPolicy discard) {
    Duration maxAge = settings.duration(prefix + ".max-age");
    long maxBytes = settings.bytes(prefix + ".max-bytes");
    return new BusStream(
        name, subject, prefix, maxAge, maxBytes, discard, -1, Replicas.of(settings));
  }

  /**
   * Creates the streams that are missing. Warns once about each one that has other limits.
   *
   * @return the first problem and its fix, in one line
   */
  Optional<String> ensure(Connection connection) throws InterruptedException {
    String problem = null;
    for (BusStream stream : streams) {
      try {
        StreamConfiguration found = stream.ensure(connection);
        stream
            .difference(found)
            .filter(difference -> warned.add(stream.name()))
            .ifPresent(LOG::warn);
        if (stream.name().equals(TELEMETRY)) {
          warnOfCapture(CapturedSubjects.check(connection, found));
        }
      } catch (JetStreamApiException e) {
        problem = problem == null ? describe(stream.name(), e, connection) : problem;
      } catch (IOException | RuntimeException e) { // timed out; so would the others
        return Optional.of(describe(stream.name(), e, connection));
      }
    }
    return problem == null ? StateBucket.replicate(connection, replicas) : Optional.of(problem);
  }

  private String describe(String stream, Exception e, Connection connection) {
    return StreamProblem.describe(stream, e, connection, replicas);
  }

  /** Once, and again when the problem comes back. */
  private void warnOfCapture(Optional<String> captured) {
    captured.filter(problem -> !isCaptured).ifPresent(LOG::warn);
    isCaptured = captured.isPresent();
  }

  Replicas replicas() {
    return replicas;
  }
}
