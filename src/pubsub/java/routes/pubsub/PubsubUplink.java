package routes.pubsub;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.apache.camel.support.RoutePolicySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.pubsub.PublishFailure.Kind;
import routes.uplink.Backoff;
import routes.uplink.Uplink;

/**
 * Whether Pub/Sub is there, learned from what becomes of messages: the client keeps its connections
 * to itself. It counts as connected until a message could not be published for a reason that is not
 * the message's; from then on that one is sent again, alone and with growing pauses, and when it
 * arrives Pub/Sub is back. The bus gives it once more, too: a duplicate that its id tells.
 */
public final class PubsubUplink extends RoutePolicySupport implements Uplink {
  private static final Logger LOG = LoggerFactory.getLogger("gateway-pubsub");

  private final CamelContext context;
  private final Backoff backoff;
  private ProducerTemplate template;
  private ScheduledExecutorService probes;
  private boolean connected = true;
  private Instant since = Instant.now();
  private long sinceNanos = System.nanoTime();
  private String lastError;
  private boolean denied;
  private long reconnects;

  /**
   * @param backoff the pauses between two tries
   */
  PubsubUplink(CamelContext context, Backoff backoff) {
    this.context = context;
    this.backoff = backoff;
  }

  @Override
  protected void doStart() {
    template = context.createProducerTemplate();
    probes =
        context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "pubsub probe");
  }

  @Override
  protected void doStop() {
    context.getExecutorServiceManager().shutdownNow(probes);
    template.stop();
  }

  /** Called before the consumer decides what a failure means. */
  @Override
  public void onExchangeDone(Route route, Exchange exchange) {
    Exception thrown = exchange.getException();
    if (thrown == null || thrown instanceof InterruptedException) {
      return;
    }
    PublishFailure failure = PublishFailure.of(thrown);
    if (failure.kind() != Kind.REFUSED && failure.kind() != Kind.RENEWED) {
      lost(failure, exchange);
    }
  }

  @Override
  public Verdict verdict(Throwable failure, long before) {
    return PublishFailure.of(failure).kind() == Kind.REFUSED
        ? Uplink.super.verdict(failure, before)
        : Verdict.AWAY;
  }

  private synchronized void lost(PublishFailure failure, Exchange exchange) {
    if (connected && began(exchange) >= sinceNanos) {
      backoff.held(Duration.ofNanos(System.nanoTime() - sinceNanos));
      change(false);
      String endpoint = exchange.getProperty(ExchangePropertyKey.FAILURE_ENDPOINT, String.class);
      away(failure, endpoint, exchange.getMessage().copy());
    }
  }

  /** Nanoseconds; a message that was on its way before the last change says nothing new. */
  private static long began(Exchange exchange) {
    return System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(exchange.getClock().elapsed());
  }

  private synchronized void away(PublishFailure failure, String endpoint, Message message) {
    Duration pause = failure.kind() == Kind.DENIED ? backoff.afterRefusal() : backoff.next();
    if (!isRunAllowed()) {
      return;
    }
    if (!failure.getMessage().equals(lastError)) {
      LOG.warn("not publishing: {}; next try in {} ms", failure.getMessage(), pause.toMillis());
    }
    lastError = failure.getMessage();
    denied = failure.kind() == Kind.DENIED;
    probes.schedule(() -> probe(endpoint, message), pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void probe(String endpoint, Message message) {
    Exchange sent = template.send(endpoint, exchange -> exchange.setIn(message.copy()));
    PublishFailure failure = sent.isFailed() ? PublishFailure.of(sent.getException()) : null;
    if (failure == null || failure.kind() == Kind.REFUSED) {
      back();
    } else {
      away(failure, endpoint, message);
    }
  }

  private synchronized void back() {
    reconnects++;
    change(true);
    LOG.info("publishing again");
  }

  private void change(boolean now) {
    connected = now;
    since = Instant.now();
    sinceNanos = System.nanoTime();
    notifyAll();
  }

  @Override
  public String name() {
    return PubsubSettings.GATEWAY;
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
