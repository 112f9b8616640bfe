package routes.pubsub;

import com.google.api.gax.retrying.RetrySettings;
import java.time.Duration;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.component.google.pubsub.GooglePubsubComponent;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultHeaderFilterStrategy;
import routes.sample.Device;
import routes.settings.Settings;
import routes.uplink.Backoff;
import routes.uplink.UplinkHealthCheck;

/** What the route of gateway pubsub uses by name. */
public final class PubsubConfiguration implements CamelConfiguration {
  /** How long a message may take, retries included; with less than 10 s the client won't start. */
  private static final Duration PUBLISH = Duration.ofSeconds(20);

  /** Whether Pub/Sub is there; stopped with the context. Its health check comes with it. */
  @BindToRegistry(value = PubsubSettings.GATEWAY, lazy = true)
  public PubsubUplink pubsub(CamelContext context) throws Exception {
    Settings settings = new Settings(context);
    Backoff pauses =
        new Backoff(settings.duration("reconnect.min"), settings.duration("reconnect.max"));
    PubsubUplink uplink = new PubsubUplink(context, pauses);
    context.addService(uplink, true, true);
    HealthCheckRegistry health = HealthCheckRegistry.get(context);
    if (health != null) {
      health.register(new UplinkHealthCheck(uplink));
    }
    return uplink;
  }

  @BindToRegistry(value = "pubsubMessage", lazy = true)
  public PubsubMessage pubsubMessage(CamelContext context) {
    return new PubsubMessage(Device.of(new Settings(context)));
  }

  /** Lets no header become an attribute: what a publisher on the bus set could break a limit. */
  @BindToRegistry(value = "pubsubHeaders", lazy = true)
  public HeaderFilterStrategy pubsubHeaders() {
    DefaultHeaderFilterStrategy none = new DefaultHeaderFilterStrategy();
    none.setInFilterPattern(".*"); // the producer asks for this direction
    return none;
  }

  /** By default the client tries for ten minutes, in which nobody would hear of an outage. */
  @BindToRegistry(value = "pubsubRetry", lazy = true)
  public RetrySettings pubsubRetry() {
    return RetrySettings.newBuilder()
        .setTotalTimeoutDuration(PUBLISH)
        .setInitialRpcTimeoutDuration(PUBLISH.dividedBy(2))
        .setMaxRpcTimeoutDuration(PUBLISH.dividedBy(2))
        .setRpcTimeoutMultiplier(1)
        .setInitialRetryDelayDuration(Duration.ofMillis(100))
        .setRetryDelayMultiplier(2)
        .setMaxRetryDelayDuration(Duration.ofSeconds(5))
        .build();
  }

  /** Camel's own, with the key's file; an endpoint would look for it on the class path. */
  @BindToRegistry(value = "google-pubsub-component", lazy = true)
  public GooglePubsubComponent component(CamelContext context) {
    GooglePubsubComponent component = new GooglePubsubComponent();
    PubsubSettings.read(new Settings(context))
        .serviceAccountKey()
        .ifPresent(file -> component.setServiceAccountKey("file:" + file));
    return component;
  }
}
