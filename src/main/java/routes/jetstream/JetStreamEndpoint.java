package routes.jetstream;

import java.time.Duration;
import org.apache.camel.Consumer;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.support.DefaultEndpoint;
import routes.bus.BusConfiguration;
import routes.bus.Subject;
import routes.settings.EndpointOption;
import routes.settings.Settings;
import routes.uplink.Gateway;
import routes.uplink.Uplink;

/**
 * Messages of a JetStream stream, pulled by a durable consumer. Options that camel-nats also has
 * use its names.
 */
@UriEndpoint(
    scheme = "jetstream",
    title = "JetStream",
    syntax = "jetstream:topic",
    consumerOnly = true,
    firstVersion = "0.1.0")
public final class JetStreamEndpoint extends DefaultEndpoint implements MultipleConsumersSupport {
  private final JetStreamComponent component;

  @UriParam private String topic;
  @UriParam private String jetstreamName;
  @UriParam private String durableName;
  @UriParam private int inFlight = 1;
  @UriParam private Duration ackWait = Duration.ofSeconds(30);
  @UriParam private String deliverPolicy = "1h";
  @UriParam private Duration maxAge = Duration.ZERO;
  @UriParam private Uplink uplink;
  @UriParam private HeaderFilterStrategy headerFilterStrategy = BusConfiguration.headerFilter();

  JetStreamEndpoint(String uri, JetStreamComponent component, String topic) {
    super(uri, component);
    this.component = component;
    this.topic = topic;
  }

  /**
   * @param routeId the id of the consuming route
   */
  DurableConsumer durable(String routeId) {
    boolean named = durableName != null;
    return new DurableConsumer(
        required("jetstreamName", jetstreamName),
        named ? durableName : defaultName(routeId),
        Subject.check(required("topic", topic)),
        ackWait,
        inFlight,
        FirstPosition.of(deliverPolicy),
        named ? null : owner(routeId, device()));
  }

  /** Rejects a hub whose cloud would attribute or refuse the messages of other devices. */
  void checkDevices() {
    if (uplink instanceof Gateway gateway && hasManyDevices(topic)) {
      gateway
          .oneDevice()
          .ifPresent(
              reason -> {
                throw new IllegalArgumentException(
                    "topic: \"%s\" has messages of several devices, but %s can send for only one: %s; use %s, or a gateway of kind aws, mqtt or pubsub as the hub"
                        .formatted(topic, gateway.name(), reason, "telemetry.{{device.id}}.>"));
              });
    }
  }

  /** Whether the second token, which is the device, is a wildcard. */
  private static boolean hasManyDevices(String subject) {
    String[] tokens = subject.split("\\.");
    return tokens.length < 2
        || tokens[0].equals(">")
        || tokens[1].equals("*")
        || tokens[1].equals(">");
  }

  /** One per route and device, so that devices can share a NATS server. */
  private String defaultName(String routeId) {
    return routeId.replaceAll("[^A-Za-z0-9_-]", "_") + "_" + device();
  }

  /** The description of a route's consumer that has the default name. */
  static String owner(String routeId, String device) {
    return "route " + routeId + " of device " + device;
  }

  private String device() {
    return new Settings(getCamelContext()).require("device.id", "this device's id");
  }

  private static EndpointOption option(String name, String text) {
    return new EndpointOption("jetstream", name, text);
  }

  private static String required(String option, String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("jetstream: the option " + option + " is missing");
    }
    return value;
  }

  @Override
  public JetStreamComponent getComponent() {
    return component;
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    JetStreamConsumer consumer = new JetStreamConsumer(this, processor);
    configureConsumer(consumer);
    return consumer;
  }

  @Override
  public Producer createProducer() {
    throw new UnsupportedOperationException("jetstream: is consumer-only; publish with nats:");
  }

  @Override
  public boolean isMultipleConsumersSupported() {
    return true;
  }

  /** The subject of the messages; may contain wildcards. */
  public void setTopic(String topic) {
    this.topic = topic;
  }

  public String getTopic() {
    return topic;
  }

  /** The stream. */
  public void setJetstreamName(String jetstreamName) {
    if (!jetstreamName.matches("[^\\s.*>/\\\\]{0,255}")) {
      throw option("jetstreamName", jetstreamName)
          .invalid("1 to 255 characters without blanks, dots, *, > and slashes");
    }
    this.jetstreamName = jetstreamName;
  }

  public String getJetstreamName() {
    return jetstreamName;
  }

  /**
   * The durable consumer; routes and processes that name the same one share its messages. Defaults
   * to route id, underscore, device id.
   */
  public void setDurableName(String durableName) {
    if (!durableName.matches("[A-Za-z0-9_-]{1,255}")) {
      throw option("durableName", durableName).invalid("1 to 255 letters, digits, - and _");
    }
    this.durableName = durableName;
  }

  public String getDurableName() {
    return durableName;
  }

  /** How many messages may be in flight, 1 to 10000; 1 keeps the stream's order. */
  public void setInFlight(String inFlight) {
    this.inFlight = option("inFlight", inFlight).whole(1, 10_000);
  }

  public int getInFlight() {
    return inFlight;
  }

  /** How long the server waits for an acknowledgement before it redelivers, 1s to 1d. */
  public void setAckWait(String ackWait) {
    this.ackWait =
        option("ackWait", ackWait)
            .time(Duration.ofSeconds(1), Duration.ofDays(1), "a time from 1s to 1d, such as 30s");
  }

  public Duration getAckWait() {
    return ackWait;
  }

  /**
   * Where a new consumer starts: {@code all}, {@code new}, a duration back such as 1h, or a time
   * such as 2026-11-30T08:00:00Z. A consumer that exists keeps its position.
   */
  public void setDeliverPolicy(String deliverPolicy) {
    FirstPosition.of(deliverPolicy);
    this.deliverPolicy = deliverPolicy;
  }

  public String getDeliverPolicy() {
    return deliverPolicy;
  }

  /** Older messages are skipped and counted, 1s to 365d; by default none are. */
  public void setMaxAge(String maxAge) {
    this.maxAge =
        option("maxAge", maxAge)
            .time(
                Duration.ofSeconds(1), Duration.ofDays(365), "a time from 1s to 365d, such as 5m");
  }

  public Duration getMaxAge() {
    return maxAge;
  }

  /** While this connection is down, messages wait in the stream. */
  public void setUplink(Uplink uplink) {
    this.uplink = uplink;
  }

  public Uplink getUplink() {
    return uplink;
  }

  /** Which of a message's headers become Camel headers; by default all but Camel's own. */
  public void setHeaderFilterStrategy(HeaderFilterStrategy headerFilterStrategy) {
    this.headerFilterStrategy = headerFilterStrategy;
  }

  public HeaderFilterStrategy getHeaderFilterStrategy() {
    return headerFilterStrategy;
  }
}
