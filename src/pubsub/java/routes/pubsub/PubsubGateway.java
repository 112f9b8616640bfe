package routes.pubsub;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.log.Loops;
import routes.pubsub.PublishFailure.Kind;
import routes.sample.Device;
import routes.uplink.Backoff;
import routes.uplink.ElasticPool;
import routes.uplink.Gateway;
import routes.uplink.GatewaySettings;
import routes.uplink.Telemetry;

/**
 * A gateway of kind {@code pubsub}. The client does not expose its connections, so this class
 * derives the state from the results of messages. The gateway counts as connected until a publish
 * fails for a reason other than the message itself. Then it retries that message alone, with
 * growing pauses, until it succeeds. JetStream redelivers the same message as well; receivers
 * recognize the duplicate by its id.
 *
 * <p>Does not extend {@code RoutePolicySupport}, which would stop with its route; this gateway
 * outlives restarts and reloads of its route.
 */
public final class PubsubGateway implements Gateway, RoutePolicy {
  private final GatewaySettings settings;
  private final PubsubSettings own;
  private final PubsubTelemetry telemetry;
  private final Logger log;
  private final Backoff backoff;
  private final ElasticPool pool;
  private CamelContext context;
  private ProducerTemplate template;
  private ScheduledExecutorService probes;
  private boolean connected = true;
  private Instant since = Instant.now();
  private long sinceNanos = System.nanoTime();
  private String lastError;
  private boolean denied;
  private long reconnects;
  private boolean stopped;

  public PubsubGateway(GatewaySettings settings, PubsubSettings own) {
    this.settings = settings;
    this.own = own;
    telemetry = new PubsubTelemetry(Device.of(settings.all()));
    log = LoggerFactory.getLogger("gateway-" + settings.name());
    backoff =
        new Backoff(
            settings.all().duration("reconnect.min"), settings.all().duration("reconnect.max"));
    pool = new ElasticPool(settings.name(), own.inFlight());
  }

  /** Route step: sets the attributes of a telemetry message. */
  public void telemetry(Exchange exchange) {
    exchange
        .getMessage()
        .setHeader(PubsubTelemetry.ATTRIBUTES, telemetry.attributes(Telemetry.of(exchange)));
  }

  /** The key file's URI for the endpoint; empty for the default credentials. */
  public String serviceAccountKey() {
    return own.serviceAccountKey().map(file -> "file:" + file).orElse("");
  }

  @Override
  public synchronized void start(CamelContext in) {
    if (context != null) {
      return;
    }
    context = in;
    template = in.createProducerTemplate();
    probes = in.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "pubsub probe");
    stopWith(in);
  }

  @Override
  public synchronized void stop() {
    stopped = true;
    pool.close();
    if (context != null) {
      context.getExecutorServiceManager().shutdownNow(probes);
      template.stop();
    }
  }

  /** The route that names this gateway as its policy starts it. */
  @Override
  public void onInit(Route route) {
    start(route.getCamelContext());
  }

  @Override
  public Executor pool() {
    return pool;
  }

  @Override
  public void onRemove(Route route) {}

  @Override
  public void onStart(Route route) {}

  @Override
  public void onStop(Route route) {}

  @Override
  public void onSuspend(Route route) {}

  @Override
  public void onResume(Route route) {}

  @Override
  public void onExchangeBegin(Route route, Exchange exchange) {}

  /** Called before the consumer decides what a failure means. */
  @Override
  public void onExchangeDone(Route route, Exchange exchange) {
    Exception thrown = exchange.getException();
    if (thrown == null || thrown instanceof InterruptedException) {
      return;
    }
    PublishFailure failure = failure(thrown);
    if (failure.kind() != Kind.REFUSED && failure.kind() != Kind.RENEWED) {
      lost(failure, exchange);
    }
  }

  @Override
  public Verdict verdict(Throwable thrown, long before) {
    return failure(thrown).kind() == Kind.REFUSED
        ? Gateway.super.verdict(thrown, before)
        : Verdict.AWAY;
  }

  private PublishFailure failure(Throwable thrown) {
    return PublishFailure.of(thrown, settings);
  }

  private synchronized void lost(PublishFailure failure, Exchange exchange) {
    if (connected && began(exchange) >= sinceNanos) {
      backoff.connectionEnded(Duration.ofNanos(System.nanoTime() - sinceNanos));
      change(false);
      String endpoint = exchange.getProperty(ExchangePropertyKey.FAILURE_ENDPOINT, String.class);
      away(failure, endpoint, exchange.getMessage().copy());
    }
  }

  /** When the exchange began, in nanoTime. A message sent before the last change is ignored. */
  private static long began(Exchange exchange) {
    return System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(exchange.getClock().elapsed());
  }

  private synchronized void away(PublishFailure failure, String endpoint, Message message) {
    Duration pause = failure.kind() == Kind.DENIED ? backoff.afterRefusal() : backoff.next();
    if (stopped) {
      return;
    }
    if (!failure.getMessage().equals(lastError)) {
      log.warn("not publishing: {}; next try in {} ms", failure.getMessage(), pause.toMillis());
    }
    lastError = failure.getMessage();
    denied = failure.kind() == Kind.DENIED;
    probes.schedule(
        Loops.step("pubsub probe", () -> probe(endpoint, message)),
        pause.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  private void probe(String endpoint, Message message) {
    Exchange sent = template.send(endpoint, exchange -> exchange.setIn(message.copy()));
    PublishFailure failure = sent.isFailed() ? failure(sent.getException()) : null;
    if (failure == null || failure.kind() == Kind.REFUSED) {
      back();
    } else {
      away(failure, endpoint, message);
    }
  }

  private synchronized void back() {
    reconnects++;
    change(true);
    log.info("publishing again");
  }

  private void change(boolean now) {
    connected = now;
    since = Instant.now();
    sinceNanos = System.nanoTime();
    notifyAll();
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public synchronized boolean connected() {
    return connected;
  }

  @Override
  public synchronized boolean awaitConnected(Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    for (long left; !connected && (left = end - System.nanoTime()) > 0; ) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return connected;
  }

  @Override
  public synchronized Instant since() {
    return since;
  }

  @Override
  public synchronized Optional<String> lastError() {
    return Optional.ofNullable(lastError);
  }

  @Override
  public synchronized boolean refused() {
    return denied;
  }

  @Override
  public synchronized long reconnects() {
    return reconnects;
  }
}
