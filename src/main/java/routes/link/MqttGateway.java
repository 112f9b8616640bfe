package routes.link;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.micrometer.MicrometerUtils;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.LoggerFactory;
import routes.bus.Bus;
import routes.bus.ReplicaLease;
import routes.tls.Expiry;
import routes.tls.Renewable;
import routes.uplink.Command;
import routes.uplink.Desired;
import routes.uplink.ElasticPool;
import routes.uplink.Gateway;
import routes.uplink.GatewaySettings;
import routes.uplink.Inbound;
import routes.uplink.Lease;
import routes.uplink.Reply;
import routes.uplink.Telemetry;

/**
 * Base class of the gateways that speak MQTT. A kind implements the pure methods; routes call the
 * methods that take an exchange.
 */
public abstract class MqttGateway implements Gateway, Renewable {
  /** Exchange property with the {@link MqttMessage} that a route received. */
  static final String RECEIVED = "MqttMessage";

  /** Exchange property: the CompletableFuture after which a message is acknowledged. */
  static final String AFTER = "MqttAfter";

  private static final String ENTRY = "MqttCommandEntry";
  private static final int MOST_THREADS = 64;
  private static final int NO_STATUS = 500;
  private static final Reply INTERRUPTED =
      Reply.refusal(500, "this device restarted during the command, which may have run");
  private static final Duration LAST_STEPS = Duration.ofSeconds(1);

  private final ConnectionSettings connection;
  private final Supplier<Credential> credentials;
  private final ElasticPool pool;
  private final MqttLink link;
  private final String identity;
  private final CommandJournal journal;
  private final Optional<String> replica;
  private Lease lease = Lease.ALWAYS;
  private boolean started;

  /**
   * @param settings this instance's settings
   * @param credentials called before each connect, on a thread that may block
   */
  protected MqttGateway(
      GatewaySettings settings, ConnectionSettings connection, Supplier<Credential> credentials) {
    this.connection = connection;
    this.credentials = credentials;
    this.pool = new ElasticPool("gateway-" + settings.name(), MOST_THREADS);
    this.link = new MqttLink(connection, credentials, pool);
    this.identity = connection.peer();
    this.journal = journal(settings);
    this.replica = settings.replica();
  }

  private static CommandJournal journal(GatewaySettings settings) {
    String data =
        settings.all().require("data.directory", "a folder for files that survive a restart");
    return new CommandJournal(
        Path.of(data, "commands-" + settings.name()),
        LoggerFactory.getLogger("commands-" + settings.name()));
  }

  /** The topic of this device's samples, for the {@code topic} of endpoints. */
  public abstract String topic();

  /** The topic filters of messages from the cloud, separated by blanks; empty for none. */
  public abstract String filters();

  /**
   * Turns a telemetry message into one for this cloud.
   *
   * @throws routes.uplink.InvalidMessageException if the cloud does not accept it
   */
  protected abstract MqttMessage message(Telemetry telemetry);

  /**
   * Reads a message from the cloud; empty if there is nothing to do.
   *
   * @throws MalformedMessageException if its content does not match its topic
   */
  protected abstract Optional<Inbound> inbound(MqttMessage message) throws IOException;

  /** The message that returns a command's reply; empty when the cloud wants none. */
  protected abstract Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply);

  /**
   * Turns an inventory into the device's reported state.
   *
   * @param inventory a JSON object
   */
  protected abstract MqttMessage reported(byte[] inventory) throws IOException;

  /** Route step: sets the body and headers of the message for the cloud. */
  public void telemetry(Exchange exchange) {
    set(exchange, message(Telemetry.of(exchange)));
  }

  /** Route step: turns an inventory into the message for the cloud. */
  public void inventory(Exchange exchange) throws IOException {
    set(exchange, reported(body(exchange)));
  }

  /**
   * Route step: sets the header {@link Command#NAME} for a command and {@link Desired#HEADER} for
   * desired state. Sets neither for any other message or for a redelivered command.
   */
  public void receive(Exchange exchange) throws IOException {
    Message in = exchange.getMessage();
    in.removeHeader(Command.NAME);
    in.removeHeader(Command.STATUS);
    in.removeHeader(Desired.HEADER);
    exchange.removeProperty(Command.COMMAND);
    exchange.removeProperty(ENTRY);
    MqttMessage received = exchange.getProperty(RECEIVED, MqttMessage.class);
    Optional<Inbound> inbound;
    try {
      inbound = received == null ? Optional.empty() : inbound(received);
    } catch (MalformedMessageException e) {
      link.malformed(e.getMessage());
      return;
    }
    if (inbound.orElse(null) instanceof Command command) {
      exchange.setProperty(Command.COMMAND, command);
      in.setHeader(Command.NAME, command.name());
      in.setBody(command.payload());
      if (!command.live()) {
        lookUp(exchange, received, command);
      }
    } else if (inbound.orElse(null) instanceof Desired desired) {
      in.removeHeaders("*"); // otherwise the MQTT headers would reach the bus
      in.setHeader(Desired.HEADER, true);
      in.setBody(desired.state());
    }
  }

  private void lookUp(Exchange exchange, MqttMessage received, Command command) {
    CommandJournal.Entry entry = journal.arrived(received, command.unique());
    Message in = exchange.getMessage();
    switch (entry.state()) {
      case NEW -> exchange.setProperty(Command.BEGIN, (Runnable) entry::begin);
      case RUNNING, DONE -> {
        link.repeated(command.name());
        in.removeHeader(Command.NAME);
      }
      case INTERRUPTED -> preset(in, INTERRUPTED);
      case REPLIED -> preset(in, entry.reply());
    }
    if (entry.state() == CommandJournal.State.RUNNING) {
      exchange.setProperty(AFTER, entry.ended());
    } else {
      exchange.setProperty(ENTRY, entry);
      exchange.getExchangeExtension().addOnCompletion(new Ended(entry));
    }
  }

  private static void preset(Message in, Reply reply) {
    in.setHeader(Command.STATUS, reply.status());
    in.setBody(reply.body());
  }

  /** Records that a command is done, unless it or its reply is still pending. */
  private static final class Ended extends SynchronizationAdapter {
    private final CommandJournal.Entry entry;

    Ended(CommandJournal.Entry entry) {
      this.entry = entry;
    }

    @Override
    public void onDone(Exchange exchange) {
      boolean failed = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT) != null;
      entry.close(!failed && !exchange.isFailed() && exchange.getProperty(Command.LEFT) == null);
    }
  }

  /**
   * Route step: builds the reply to the command that {@link #receive} found from the header {@link
   * Command#STATUS} and the body. Stops the route if the cloud expects no reply.
   */
  public void reply(Exchange exchange) {
    MqttMessage request = exchange.getProperty(RECEIVED, MqttMessage.class);
    Command command = exchange.getProperty(Command.COMMAND, Command.class);
    int status = exchange.getMessage().getHeader(Command.STATUS, NO_STATUS, Integer.class);
    Reply content = new Reply(status, body(exchange));
    Optional<MqttMessage> reply =
        request == null || command == null ? Optional.empty() : reply(request, command, content);
    CommandJournal.Entry entry = exchange.getProperty(ENTRY, CommandJournal.Entry.class);
    if (entry != null) {
      entry.replied(content);
    }
    if (reply.isPresent()) {
      set(exchange, reply.get());
    } else {
      exchange.setRouteStop(true);
    }
  }

  private static byte[] body(Exchange exchange) {
    byte[] body = exchange.getMessage().getBody(byte[].class);
    return body == null ? new byte[0] : body;
  }

  private static void set(Exchange exchange, MqttMessage message) {
    Message out = exchange.getMessage();
    out.setBody(message.payload());
    out.setHeader(PahoMqtt5Constants.CAMEL_PAHO_OVERRIDE_TOPIC, message.topic());
    if (message.retain()) {
      out.setHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_RETAINED, true);
    }
    if (message.properties() == MqttMessage.Properties.NONE) {
      out.removeHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES);
    } else {
      // Converted to Paho's MqttProperties if a step asks for that type.
      out.setHeader(PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES, message.properties());
    }
  }

  @Override
  public Optional<String> identity() {
    return Optional.of(identity);
  }

  /** Repeats a filter's greeting after a pause, because the cloud was too busy to answer. */
  protected final void greetAgain(String filter) {
    link.greetAgain(filter);
  }

  MqttLink link() {
    return link;
  }

  @Override
  public List<String> files() {
    return isSecure() ? connection.tls().keys() : List.of();
  }

  @Override
  public List<Expiry> expiries() {
    return isSecure() ? connection.tls().expiries() : List.of();
  }

  @Override
  public void check() {
    if (isSecure()) {
      connection.tls().get();
    }
    credentials.get();
  }

  private boolean isSecure() {
    return connection.url().scheme().tls;
  }

  @Override
  public void renew() {
    link.renew();
  }

  @Override
  public synchronized void start(CamelContext context) {
    if (started) {
      return;
    }
    started = true;
    lease = replica.map(name -> lease(context, name)).orElse(Lease.ALWAYS);
    link.start(
        MicrometerUtils.getOrCreateMeterRegistry(
            context.getRegistry(), MicrometerConstants.METRICS_REGISTRY_NAME),
        lease);
    stopWith(context);
  }

  /** Replicas with different client ids have different leases, so all of them connect. */
  private Lease lease(CamelContext context, String name) {
    Bus bus = CamelContextHelper.mandatoryLookup(context, "bus", Bus.class);
    return new ReplicaLease(bus, name(), identity, name);
  }

  @Override
  public void stop() {
    link.stop();
    lease.close();
    try {
      CountDownLatch last = new CountDownLatch(1);
      pool.execute(last::countDown);
      last.await(LAST_STEPS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException e) {
      return; // already stopped
    }
    pool.close();
  }

  @Override
  public Executor pool() {
    return pool;
  }

  @Override
  public String name() {
    return link.name();
  }

  @Override
  public boolean connected() {
    return link.connected();
  }

  @Override
  public boolean awaitConnected(Duration timeout) throws InterruptedException {
    return link.awaitConnected(timeout);
  }

  @Override
  public Instant since() {
    return link.since();
  }

  @Override
  public Optional<String> lastError() {
    return link.lastError();
  }

  @Override
  public boolean refused() {
    return link.refused();
  }

  @Override
  public boolean standby() {
    return link.standby();
  }

  @Override
  public Optional<String> forbidden() {
    return link.forbidden();
  }

  @Override
  public long reconnects() {
    return link.reconnects();
  }

  @Override
  public Verdict verdict(Throwable failure, long reconnects) {
    return link.verdict(failure, reconnects);
  }
}
