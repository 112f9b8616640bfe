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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A stream and the limits that it is created with. The limits of an existing stream are never
 * changed: devices that share a server would otherwise rewrite each other's.
 *
 * @param subject of its messages; the only thing that an existing stream is given
 * @param prefix of the settings of its limits: {@code bus} or {@code dead}
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
    long perSubject) {
  private static final int NAME_IN_USE = 10058;
  private static final Duration DUPLICATES = Duration.ofMinutes(2);

  /**
   * Creates the stream, or adds the subject to it.
   *
   * @return how an existing stream's limits differ from these, in one line
   */
  Optional<String> ensure(Connection connection) throws IOException, JetStreamApiException {
    JetStreamManagement management = connection.jetStreamManagement();
    try {
      return adopt(management);
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() != BusStreams.NOT_FOUND) {
        throw e;
      }
    }
    try {
      management.addStream(create());
      return Optional.empty();
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == NAME_IN_USE) { // another device was faster
        return adopt(management);
      }
      throw e;
    }
  }

  private Optional<String> adopt(JetStreamManagement management)
      throws IOException, JetStreamApiException {
    StreamConfiguration found = management.getStreamInfo(name).getConfiguration();
    if (!found.getSubjects().contains(subject)) {
      management.updateStream(StreamConfiguration.builder(found).addSubjects(subject).build());
    }
    return difference(found);
  }

  private StreamConfiguration create() {
    boolean brief = !maxAge.isZero() && maxAge.compareTo(DUPLICATES) < 0;
    return StreamConfiguration.builder()
        .name(name)
        .subjects(subject)
        .storageType(StorageType.File)
        .retentionPolicy(RetentionPolicy.Limits)
        .discardPolicy(discard)
        .maxAge(maxAge)
        .maxBytes(maxBytes)
        .maxMessagesPerSubject(perSubject)
        .duplicateWindow(brief ? maxAge : DUPLICATES)
        .build();
  }

  private Optional<String> difference(StreamConfiguration found) {
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

  /** As the setting is written. */
  private static String size(long bytes) {
    if (bytes <= 0) {
      return "any size";
    }
    String[] units = {"B", "KB", "MB", "GB"};
    int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, units.length - 1);
    return (bytes >> 10 * unit) + units[unit];
  }

  /** As the setting is written. */
  private static String age(Duration age) {
    if (age.isZero()) {
      return "ever";
    }
    return age.equals(Duration.ofDays(age.toDays()))
        ? age.toDays() + "d"
        : age.toString().substring(2).toLowerCase(Locale.ROOT);
  }
}
