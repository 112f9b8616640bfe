package routes.pubsub;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.cloud.pubsub.v1.Publisher;
import com.google.cloud.pubsub.v1.stub.PublisherStubSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.camel.component.google.pubsub.GooglePubsubComponent;
import org.apache.camel.component.google.pubsub.GooglePubsubEndpoint;
import org.apache.camel.spi.annotations.Component;

/**
 * Camel's google-pubsub component, whose option {@code pubsubEndpoint} may also be {@code
 * http://host:port}: an emulator, which gets plain HTTP/2 and no credentials. Camel's own option
 * applies to all endpoints of the component.
 */
@Component("google-pubsub")
public final class PubsubComponent extends GooglePubsubComponent {
  private final Map<String, Publisher> emulated = new ConcurrentHashMap<>();

  @Override
  public Publisher getPublisher(String topic, GooglePubsubEndpoint endpoint)
      throws ExecutionException {
    String address = endpoint.getPubsubEndpoint();
    if (address == null || !address.startsWith(PubsubSettings.PLAINTEXT)) {
      return super.getPublisher(topic, endpoint);
    }
    return emulated.computeIfAbsent(
        address + " " + topic, key -> publisher(topic, address, endpoint));
  }

  private static Publisher publisher(String topic, String address, GooglePubsubEndpoint endpoint) {
    Publisher.Builder builder =
        Publisher.newBuilder(topic)
            .setEndpoint(address.substring(PubsubSettings.PLAINTEXT.length()))
            .setChannelProvider(
                PublisherStubSettings.defaultGrpcTransportProviderBuilder()
                    .setChannelConfigurator(channel -> channel.usePlaintext())
                    .build())
            .setCredentialsProvider(NoCredentialsProvider.create());
    if (endpoint.getRetry() != null) {
      builder.setRetrySettings(endpoint.getRetry());
    }
    try {
      return builder.build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected void doShutdown() throws Exception {
    emulated.values().forEach(Publisher::shutdown);
    emulated.clear();
    super.doShutdown();
  }
}
