package routes.pubsub;

import com.google.api.gax.retrying.RetrySettings;
import java.time.Duration;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultHeaderFilterStrategy;

/** Beans that routes of gateways of kind pubsub use. */
public final class PubsubConfiguration implements CamelConfiguration {
  /**
   * How long a message may take, retries included; with less than 10 s the client does not start.
   */
  private static final Duration PUBLISH = Duration.ofSeconds(20);

  /** Replaces Camel's component google-pubsub. */
  @BindToRegistry("google-pubsub-component")
  public PubsubComponent component() {
    return new PubsubComponent();
  }

  /** Keeps headers of the publisher from becoming attributes, which could exceed a limit. */
  @BindToRegistry(value = "no-headers", lazy = true)
  public HeaderFilterStrategy noHeaders() {
    DefaultHeaderFilterStrategy none = new DefaultHeaderFilterStrategy();
    none.setInFilterPattern(".*"); // the producer asks for this direction
    return none;
  }

  /** By default the client retries for ten minutes without reporting the outage. */
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
