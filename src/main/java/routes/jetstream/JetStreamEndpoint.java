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
import org.apache.camel.support.DefaultHeaderFilterStrategy;
import routes.bus.Subject;
import routes.settings.Settings;
import routes.uplink.Uplink;

/**
 * Messages of a JetStream stream, pulled by a durable consumer. Options that camel-nats has too
 * have its names.
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
  @UriParam private Uplink uplink;
  @UriParam private HeaderFilterStrategy headerFilterStrategy = externalHeaders();

  JetStreamEndpoint(String uri, JetStreamComponent component, String topic) {
    super(uri, component);
    this.component = component;
    this.topic = topic;
  }

  /** A publisher must not be able to set headers that steer Camel. */
  private static HeaderFilterStrategy externalHeaders() {
    DefaultHeaderFilterStrategy filter = new DefaultHeaderFilterStrategy();
    filter.setLowerCase(true);
    filter.setInFilterStartsWith("camel", "org.apache.camel.");
    return filter;
  }

  /**
   * @param routeId of the route that consumes
   */
  DurableConsumer durable(String routeId) {
    return new DurableConsumer(
        required("jetstreamName", jetstreamName),
        durableName == null ? defaultName(routeId) : durableName,
        Subject.check(required("topic", topic)),
        ackWait,
        inFlight);
  }

  /** One per route and device, so that devices can share a NATS server. */
  private String defaultName(String routeId) {
    String device = new Settings(getCamelContext()).require("device.id", "this device's id");
    return routeId.replaceAll("[^A-Za-z0-9_-]", "_") + "_" + device;
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
    throw new UnsupportedOperationException("jetstream: only consumes; publish with nats:");
  }

  @Override
  public boolean isMultipleConsumersSupported() {
    return true;
  }

  /** The subject of the messages; it may hold wildcards. */
  public void setTopic(String topic) {
    this.topic = topic;
  }

  public String getTopic() {
    return topic;
  }

  /** The stream. */
  public void setJetstreamName(String jetstreamName) {
    this.jetstreamName = jetstreamName;
  }

  public String getJetstreamName() {
    return jetstreamName;
  }

  /**
   * The durable consumer: routes and processes that name the same one share its messages. Route id,
   * underscore and device id when absent.
   */
  public void setDurableName(String durableName) {
    if (!durableName.matches("[A-Za-z0-9_-]{1,255}")) {
      throw new IllegalArgumentException(
          "durableName: \""
              + durableName
              + "\" is not allowed; use 1 to 255 letters, digits, - and _");
    }
    this.durableName = durableName;
  }

  public String getDurableName() {
    return durableName;
  }

  /** How many messages may be in flight, 1 to 10000; 1 keeps the stream's order. */
  public void setInFlight(int inFlight) {
    if (inFlight < 1 || inFlight > 10_000) {
      throw new IllegalArgumentException("inFlight: should be a number from 1 to 10000");
    }
    this.inFlight = inFlight;
  }

  public int getInFlight() {
    return inFlight;
  }

  /** How long the server waits for an acknowledgement before it redelivers; at least 1s. */
  public void setAckWait(Duration ackWait) {
    if (ackWait.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("ackWait: should be 1s or more");
    }
    this.ackWait = ackWait;
  }

  public Duration getAckWait() {
    return ackWait;
  }

  /** While this connection is down the messages wait in the stream. */
  public void setUplink(Uplink uplink) {
    this.uplink = uplink;
  }

  public Uplink getUplink() {
    return uplink;
  }

  /** Which of a message's headers become Camel headers: by default all but Camel's own. */
  public void setHeaderFilterStrategy(HeaderFilterStrategy headerFilterStrategy) {
    this.headerFilterStrategy = headerFilterStrategy;
  }

  public HeaderFilterStrategy getHeaderFilterStrategy() {
    return headerFilterStrategy;
  }
}
