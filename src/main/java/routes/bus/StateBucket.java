package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.StorageType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Small values by key that survive restarts of the runtime and of NATS, in the JetStream key-value
 * bucket {@value #NAME}. The first write creates the bucket.
 */
public final class StateBucket {
  public static final String NAME = "edge-state";

  /** Of this bucket and of the leases. */
  private static final List<String> STREAMS = List.of("KV_" + NAME, "KV_" + ReplicaLease.BUCKET);

  private static final long MOST_BYTES = 1 << 20;
  private static final int LARGEST = 1 << 10;

  private final Bus bus;

  public StateBucket(Bus bus) {
    this.bus = bus;
  }

  /** A key of these parts, in which other characters than letters, digits, - and _ become _. */
  public static String key(String... parts) {
    String[] allowed = new String[parts.length];
    for (int i = 0; i < parts.length; i++) {
      allowed[i] = parts[i].replaceAll("[^A-Za-z0-9_-]", "_");
    }
    return String.join(".", allowed);
  }

  /**
   * @throws IllegalStateException if NATS is unavailable
   */
  public Optional<String> read(String key) {
    Connection connection = bus.require();
    try {
      KeyValueEntry entry = connection.keyValue(NAME).get(key);
      return entry == null || entry.getValue() == null
          ? Optional.empty()
          : Optional.of(new String(entry.getValue(), StandardCharsets.UTF_8));
    } catch (IOException | JetStreamApiException e) {
      if (isMissing(e)) {
        return Optional.empty();
      }
      throw failed("read", e);
    }
  }

  static boolean isMissing(Throwable e) {
    return e != null
        && (e instanceof JetStreamApiException api && api.getApiErrorCode() == BusStreams.NOT_FOUND
            || isMissing(e.getCause()));
  }

  /**
   * Returns once the server has stored the value.
   *
   * @throws IllegalStateException if NATS is unavailable or does not accept it
   */
  public void write(String key, String value) {
    Connection connection = bus.require();
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    try {
      put(connection, key, bytes);
    } catch (IOException | JetStreamApiException e) {
      throw failed("written", e);
    }
  }

  private void put(Connection connection, String key, byte[] bytes)
      throws IOException, JetStreamApiException {
    try {
      connection.keyValue(NAME).put(key, bytes);
    } catch (IOException | JetStreamApiException e) {
      if (!isMissing(e)) {
        throw e;
      }
      create(connection);
      connection.keyValue(NAME).put(key, bytes);
    }
  }

  private void create(Connection connection) throws IOException, JetStreamApiException {
    connection
        .keyValueManagement()
        .create(
            small(NAME, "State of steps of cloud-iot-routes, such as alerts", bus.replicas())
                .build());
  }

  /** The configuration of a bucket that keeps one short value per key in a file. */
  static KeyValueConfiguration.Builder small(String name, String description, Replicas replicas) {
    return KeyValueConfiguration.builder()
        .name(name)
        .description(description)
        .storageType(StorageType.File)
        .replicas(replicas.initial())
        .maxHistoryPerKey(1)
        .maxBucketSize(MOST_BYTES)
        .maximumValueSize(LARGEST);
  }

  /**
   * Gives existing buckets the wanted number of replicas.
   *
   * @return the problem and its fix, in one line
   */
  static Optional<String> replicate(Connection connection, Replicas replicas) {
    if (replicas.wanted() == 0) {
      return Optional.empty();
    }
    return STREAMS.stream()
        .flatMap(stream -> replicate(connection, stream, replicas).stream())
        .findFirst();
  }

  private static Optional<String> replicate(
      Connection connection, String stream, Replicas replicas) {
    try {
      JetStreamManagement management = connection.jetStreamManagement();
      BusStream.replicate(
          connection, management, management.getStreamInfo(stream).getConfiguration(), replicas);
      return Optional.empty();
    } catch (IOException | JetStreamApiException | RuntimeException e) {
      return isMissing(e)
          ? Optional.empty()
          : Optional.of(StreamProblem.describe(stream, e, connection, replicas));
    }
  }

  private IllegalStateException failed(String what, Exception e) {
    return new IllegalStateException(
        "bucket " + NAME + " of " + bus.name() + " cannot be " + what + ": " + e.getMessage(), e);
  }
}
