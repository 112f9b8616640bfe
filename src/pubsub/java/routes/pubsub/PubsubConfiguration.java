package routes.pubsub;

import com.google.api.gax.retrying.RetrySettings;
import java.time.Duration;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultHeaderFilterStrategy;

/** What routes of gateways of kind pubsub use by name. */
public final class PubsubConfiguration implements CamelConfiguration {
  /** How long a message may take, retries included; with less than 10 s the client won't start. */
  private static final Duration PUBLISH = Duration.ofSeconds(20);

  /** Under the name by which Camel looks for the component of google-pubsub: endpoints. */
  @BindToRegistry("google-pubsub-component")
  public PubsubComponent component() {
    return new PubsubComponent();
  }

  /** Lets no header become an attribute: what a publisher on the bus set could break a limit. */
  @BindToRegistry(value = "no-headers", lazy = true)
  public HeaderFilterStrategy noHeaders() {
    DefaultHeaderFilterStrategy none = new DefaultHeaderFilterStrategy();
    none.setInFilterPattern(".*"); // the producer asks for this direction
    return none;
  }

  /** By default the client tries for ten minutes, in which nobody would hear of an outage. */
  @BindToRegistry(value = "publish-retry", lazy = true)
  public RetrySettings publishRetry() {
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
}
