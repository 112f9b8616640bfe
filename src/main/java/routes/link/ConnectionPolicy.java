package routes.link;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.uplink.GatewaySettings;

/**
 * How a gateway's connection behaves, with either MQTT version.
 *
 * @param name the gateway's name, as in the setting gateways
 * @param inFlight messages that may wait for their PUBACK at once
 * @param publishesPerSecond messages that the cloud accepts per second
 * @param largestPayload bytes of the largest payload that the cloud accepts
 * @param largestPacket bytes of the largest packet accepted from the cloud
 * @param publishTimeout how long a message may wait for its PUBACK
 * @param keepAlive the longest silence before a ping; whole seconds, 0 for none
 * @param reconnectMin the shortest pause between two connection attempts
 * @param reconnectMax the longest pause
 * @param greetings topics, by topic filter: after each subscription to the filter, an empty message
 *     to the topic asks the cloud for what it sends on the filter
 * @param proxy the proxy between this device and the broker
 */
public record ConnectionPolicy(
    String name,
    int inFlight,
    int publishesPerSecond,
    int largestPayload,
    int largestPacket,
    Duration publishTimeout,
    Duration keepAlive,
    Duration reconnectMin,
    Duration reconnectMax,
    Map<String, String> greetings,
    Optional<Proxy> proxy) {
  /** The time limit for TCP, TLS and the CONNACK. */
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);

  /** The value of {@link #publishesPerSecond} for a cloud without a rate limit. */
  static final int ANY_RATE = Integer.MAX_VALUE;

  private static final int HIGHEST_RATE = 1_000_000;
  private static final int LIMIT = 65_535;
  private static final long LEAST_PACKET = 1 << 10;
  private static final long MOST_PACKET = 16 << 20;

  /**
   * Reads {@code in-flight}, {@code publish-rate}, {@code proxy}, {@code publish-timeout} and
   * {@code keep-alive} of an instance, {@code inbound.max-packet} and the pauses {@code
   * reconnect.min} and {@code .max}.
   *
   * @param mostInFlight what the cloud allows
   * @param leastKeepAlive in seconds
   * @param mostKeepAlive in seconds
   * @throws SettingException for the first invalid setting
   */
  public static ConnectionPolicy read(
      GatewaySettings settings, int mostInFlight, int leastKeepAlive, int mostKeepAlive) {
    Duration keepAlive = settings.duration("keep-alive");
    if (keepAlive.toSeconds() < leastKeepAlive || keepAlive.toSeconds() > mostKeepAlive) {
      throw settings.wrong(
          "keep-alive", "must be between " + leastKeepAlive + "s and " + mostKeepAlive + "s");
    }
    return new ConnectionPolicy(
        settings.name(),
        settings.integer("in-flight", 1, mostInFlight),
        publishesPerSecond(settings),
        Integer.MAX_VALUE,
        largestPacket(settings.all()),
        settings.duration("publish-timeout"),
        keepAlive,
        settings.all().duration("reconnect.min"),
        settings.all().duration("reconnect.max"),
        Map.of(),
        Proxy.read(settings));
  }

  private static int publishesPerSecond(GatewaySettings settings) {
    return settings.find("publish-rate").isEmpty()
        ? ANY_RATE
        : settings.integer("publish-rate", 1, HIGHEST_RATE);
  }

  private static int largestPacket(Settings settings) {
    long bytes = settings.bytes("inbound.max-packet");
    if (bytes < LEAST_PACKET || bytes > MOST_PACKET) {
      throw new SettingException("inbound.max-packet", "must be between 1KB and 16MB");
    }
    return (int) bytes;
  }

  /** Reads the policy for a broker without limits of its own. */
  public static ConnectionPolicy read(GatewaySettings settings) {
    return read(settings, LIMIT, 1, LIMIT);
  }

  public ConnectionPolicy withLargestPayload(int bytes) {
    return with(publishesPerSecond, bytes, greetings);
  }

  public ConnectionPolicy withPublishesPerSecond(int publishes) {
    return with(publishes, largestPayload, greetings);
  }

  public ConnectionPolicy withGreetings(Map<String, String> topics) {
    return with(publishesPerSecond, largestPayload, Map.copyOf(topics));
  }

  private ConnectionPolicy with(int publishes, int bytes, Map<String, String> topics) {
    return new ConnectionPolicy(
        name,
        inFlight,
        publishes,
        bytes,
        largestPacket,
        publishTimeout,
        keepAlive,
        reconnectMin,
        reconnectMax,
        topics,
        proxy);
  }
}
