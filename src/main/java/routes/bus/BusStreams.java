package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import routes.jetstream.DeadLetter;
import routes.settings.Settings;

/**
 * The streams: METRICS keeps samples ({@code metrics.>}) within a time and a size, INVENTORY the
 * last inventory of each device ({@code inventory.>}), DEAD what clouds refuse ({@code dead.>}). On
 * a stream that exists only these limits are changed; what an operator set besides stays.
 *
 * @param maxAge how long METRICS keeps a sample
 * @param maxBytes how large METRICS may grow; the oldest sample goes first
 * @param deadMaxAge how long DEAD keeps a letter
 * @param deadMaxBytes how large DEAD may grow; full, it takes no more
 */
public record BusStreams(Duration maxAge, long maxBytes, Duration deadMaxAge, long deadMaxBytes) {
  /** JetStream's error code. */
  public static final int NOT_FOUND = 10059;

  /** Thousands of devices' inventories. */
  private static final long INVENTORY_BYTES = 16 << 20;

  private static final Duration DUPLICATES = Duration.ofMinutes(2);

  /**
   * @throws routes.settings.SettingException if a limit is malformed
   */
  static BusStreams of(Settings settings) {
    return new BusStreams(
        settings.duration("bus.max-age"),
        settings.bytes("bus.max-bytes"),
        settings.duration("dead.max-age"),
        settings.bytes("dead.max-bytes"));
  }

  /**
   * Makes the streams or brings them to their limits, each whatever the server says of the others;
   * says why it couldn't, and what to do.
   */
  Optional<String> ensure(Connection connection) {
    Map<String, UnaryOperator<StreamConfiguration>> streams = new LinkedHashMap<>();
    streams.put("METRICS", this::metrics);
    streams.put("INVENTORY", this::inventory);
    streams.put(DeadLetter.STREAM, this::dead);
    String problem = null;
    for (Map.Entry<String, UnaryOperator<StreamConfiguration>> each : streams.entrySet()) {
      String stream = each.getKey();
      try {
        ensure(connection.jetStreamManagement(), stream, each.getValue());
      } catch (JetStreamApiException e) {
        problem = problem == null ? problem(stream, e) : problem;
      } catch (IOException | RuntimeException e) { // no answer: there would be none for the others
        return Optional.of(problem(stream, e));
      }
    }
    return Optional.ofNullable(problem);
  }

  private static String problem(String stream, Exception e) {
    return "stream " + stream + ": " + advice(e);
  }

  private StreamConfiguration metrics(StreamConfiguration found) {
    return limits(found, "metrics.>", maxAge, maxBytes).discardPolicy(DiscardPolicy.Old).build();
  }

  /** What it can't take stays where it is: a broker that refuses everything costs no sample. */
  private StreamConfiguration dead(StreamConfiguration found) {
    return limits(found, DeadLetter.SUBJECTS, deadMaxAge, deadMaxBytes)
        .discardPolicy(DiscardPolicy.New)
        .build();
  }

  private static StreamConfiguration.Builder limits(
      StreamConfiguration found, String subject, Duration maxAge, long maxBytes) {
    Duration window = found.getDuplicateWindow();
    Duration least = maxAge.compareTo(DUPLICATES) < 0 ? maxAge : DUPLICATES;
    boolean fits = window != null && window.compareTo(least) >= 0 && window.compareTo(maxAge) <= 0;
    return subject(StreamConfiguration.builder(found), found, subject)
        .maxAge(maxAge)
        .maxBytes(maxBytes)
        .duplicateWindow(fits ? window : least);
  }

  private StreamConfiguration inventory(StreamConfiguration found) {
    StreamConfiguration.Builder builder =
        subject(StreamConfiguration.builder(found), found, "inventory.>").maxMessagesPerSubject(1);
    boolean exists = !found.getSubjects().isEmpty();
    // an account may ask a new one for a limit
    return exists ? builder.build() : builder.maxBytes(INVENTORY_BYTES).build();
  }

  private static StreamConfiguration.Builder subject(
      StreamConfiguration.Builder builder, StreamConfiguration found, String subject) {
    return found.getSubjects().contains(subject) ? builder : builder.addSubjects(subject);
  }

  private static void ensure(
      JetStreamManagement management, String name, UnaryOperator<StreamConfiguration> limits)
      throws IOException, JetStreamApiException {
    try {
      StreamConfiguration found = management.getStreamInfo(name).getConfiguration();
      StreamConfiguration wanted = limits.apply(found);
      if (!wanted.toJson().equals(found.toJson())) {
        management.updateStream(wanted);
      }
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != NOT_FOUND) {
        throw e;
      }
      management.addStream(
          limits.apply(
              StreamConfiguration.builder()
                  .name(name)
                  .storageType(StorageType.File)
                  .retentionPolicy(RetentionPolicy.Limits)
                  .build()));
    }
  }

  private static String advice(Exception e) {
    String problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    int code = e instanceof JetStreamApiException api ? api.getApiErrorCode() : 0;
    return problem
        + switch (code) {
          case 10076, 10039 -> ": start nats-server with -js or a jetstream block";
          case 10023, 10047, 10028, 10122 ->
              ": lower bus.max-bytes and dead.max-bytes or give nats-server's max_file_store more";
          case 10065 -> ": another stream has its subject; delete it or change its subjects";
          case 10052 -> ": delete the stream if its messages may go";
          default ->
              e instanceof IOException
                  ? ": is JetStream on (nats-server -js), and is this user permitted $JS.API.>?"
                  : "";
        };
  }
}
