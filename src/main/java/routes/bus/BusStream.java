package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream and the limits that it is created with. The limits of an existing stream are never
 * changed; devices that share a server would otherwise overwrite each other's.
 *
 * @param subject the subject of its messages. It is added to an existing stream, unless that one
 *     has sources: messages would otherwise be stored twice.
 * @param prefix the prefix of the settings for its limits: {@code bus} or {@code dead}
 * @param maxAge zero keeps messages forever
 * @param perSubject how many messages it keeps per subject; -1 keeps all
 */
record BusStream(
    String name,
    String subject,
    String prefix,
    Duration maxAge,
    long maxBytes,
    DiscardPolicy discard,
    long perSubject,
    Replicas replicas) {
  private static final Logger LOG = LoggerFactory.getLogger("bus");
  private static final int NAME_IN_USE = 10058;
  private static final Duration DUPLICATES = Duration.ofMinutes(2);

  /**
   * Creates the stream, or adds the subject to it and adapts its replicas.
   *
   * @return the stream as it is now
   * @throws IllegalStateException if its cluster cannot store messages or has too few servers
   */
  StreamConfiguration ensure(Connection connection) throws IOException, JetStreamApiException {
    JetStreamManagement management = connection.jetStreamManagement();
    try {
      return adopt(connection, management);
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != BusStreams.NOT_FOUND) {
        throw e;
      }
    }
    replicas.check(connection);
    try {
      return management.addStream(create().subjects(subject).build()).getConfiguration();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == NAME_IN_USE) { // another device has just created it
        return adopt(connection, management);
      }
      throw e;
    }
  }

  private StreamConfiguration adopt(Connection connection, JetStreamManagement management)
      throws IOException, JetStreamApiException {
    StreamInfo info = management.getStreamInfo(name);
    if (info.getClusterInfo() != null && info.getClusterInfo().getLeader() == null) {
      throw new IllegalStateException("it has no leader; " + StreamProblem.quorum(connection));
    }
    StreamConfiguration found = info.getConfiguration();
    if (!found.getSubjects().contains(subject) && !isSourced(found)) {
      found =
          management
              .updateStream(StreamConfiguration.builder(found).addSubjects(subject).build())
              .getConfiguration();
    }
    return replicate(connection, management, found, replicas);
  }

  /** Whether its messages come from other streams. */
  static boolean isSourced(StreamConfiguration stream) {
    return stream.getMirror() != null
        || stream.getSources() != null && !stream.getSources().isEmpty();
  }

  /** Gives an existing stream the wanted number of replicas. Its consumers follow. */
  static StreamConfiguration replicate(
      Connection connection,
      JetStreamManagement management,
      StreamConfiguration found,
      Replicas replicas)
      throws IOException, JetStreamApiException {
    if (!replicas.differ(found)) {
      return found;
    }
    replicas.check(connection);
    StreamConfiguration changed =
        management
            .updateStream(StreamConfiguration.builder(found).replicas(replicas.wanted()).build())
            .getConfiguration();
    LOG.info(
        "stream {}: replicas changed from {} to {}",
        found.getName(),
        found.getReplicas(),
        changed.getReplicas());
    return changed;
  }

  /** The stream's configuration, without subjects. */
  StreamConfiguration.Builder create() {
    boolean brief = !maxAge.isZero() && maxAge.compareTo(DUPLICATES) < 0;
    return StreamConfiguration.builder()
        .name(name)
        .replicas(replicas.initial())
        .storageType(StorageType.File)
        .retentionPolicy(RetentionPolicy.Limits)
        .discardPolicy(discard)
        .maxAge(maxAge)
        .maxBytes(maxBytes)
        .maxMessagesPerSubject(perSubject)
        .duplicateWindow(brief ? maxAge : DUPLICATES);
  }

  /** How the limits of an existing stream differ from these, in one line. */
  Optional<String> difference(StreamConfiguration found) {
    List<String> settings = new ArrayList<>();
    if (perSubject > 0 && found.getMaxMsgsPerSubject() != perSubject) {
      settings.add("max_msgs_per_subject=" + perSubject);
    } else if (perSubject <= 0) {
      if (!found.getMaxAge().equals(maxAge)) {
        settings.add(prefix + ".max-age=" + age(maxAge));
      }
      if (found.getMaxBytes() != maxBytes) {
        settings.add(prefix + ".max-bytes=" + size(maxBytes));
      }
    }
    return settings.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "stream %s keeps %s for %s; %s %s only when a stream is created (change it with:"
                    + " nats stream edit %s)",
                name,
                size(found.getMaxBytes()),
                age(found.getMaxAge()),
                String.join(" and ", settings),
                settings.size() == 1 ? "applies" : "apply",
                name));
  }

  /** In the notation of the setting. */
  private static String size(long bytes) {
    if (bytes <= 0) {
      return "any size";
    }
    String[] units = {"B", "KB", "MB", "GB"};
    int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, units.length - 1);
    return (bytes >> 10 * unit) + units[unit];
  }

  /** In the notation of the setting. */
  private static String age(Duration age) {
    if (age.isZero()) {
      return "ever";
    }
    return age.equals(Duration.ofDays(age.toDays()))
        ? age.toDays() + "d"
        : age.toString().substring(2).toLowerCase(Locale.ROOT);
  }
}
