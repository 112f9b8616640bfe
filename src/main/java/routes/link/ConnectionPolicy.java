package routes.link;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.uplink.GatewaySettings;

/**
 * How a gateway's connection behaves, whatever MQTT it speaks.
 *
 * @param name the gateway's, as the setting gateways spells it
 * @param inFlight messages that may wait for their PUBACK at once
 * @param publishesPerSecond messages that the cloud takes in any second
 * @param largestPayload bytes of the largest payload that the cloud takes
 * @param largestPacket bytes of the largest packet that is taken from it
 * @param publishTimeout how long a message may wait for its PUBACK
 * @param keepAlive the longest silence before a ping; whole seconds, 0 for none
 * @param reconnectMin the least pause between two tries to connect
 * @param reconnectMax the longest
 * @param greetings topics, by topic filter: an empty message goes to the topic each time the filter
 *     has been subscribed to, to ask for what is to come on it
 * @param proxy between this device and the broker
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
  /** For TCP, for TLS and for the CONNACK. */
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);

  /** The most {@link #publishesPerSecond}: the cloud sets no rate. */
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
   * @param leastKeepAlive s
   * @param mostKeepAlive s
   * @throws SettingException for the first one that is wrong
   */
  public static ConnectionPolicy read(
      GatewaySettings settings, int mostInFlight, int leastKeepAlive, int mostKeepAlive) {
    Duration keepAlive = settings.duration("keep-alive");
    if (keepAlive.toSeconds() < leastKeepAlive || keepAlive.toSeconds() > mostKeepAlive) {
      throw settings.wrong(
          "keep-alive", "should be from " + leastKeepAlive + "s to " + mostKeepAlive + "s");
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
      throw new SettingException("inbound.max-packet", "should be from 1KB to 16MB");
    }
    return (int) bytes;
  }

  /** For a broker without limits of its own. */
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
