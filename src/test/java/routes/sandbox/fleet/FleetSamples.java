package routes.sandbox.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Connection;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import routes.sandbox.Arrived;

/** The samples that the bus has stored, and those that arrived at the stand-ins. */
final class FleetSamples implements Consumer<Arrived> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration DRAIN = Duration.ofMinutes(1);

  private final Set<String> arrived = ConcurrentHashMap.newKeySet();

  @Override
  public void accept(Arrived message) {
    try {
      JsonNode sample = JSON.readTree(message.payload());
      if (sample.has("metrics")) {
        arrived.add(sample.path("id").asText());
      }
    } catch (IOException e) {
      // not a sample
    }
  }

  /**
   * Waits until all samples have arrived that the bus has by now.
   *
   * @return false if some have not
   */
  boolean report(String nats, PrintStream out) throws Exception {
    Set<String> sent = sent(nats);
    long end = System.nanoTime() + DRAIN.toNanos();
    long missing = missing(sent);
    while (missing > 0 && System.nanoTime() - end < 0) {
      TimeUnit.MILLISECONDS.sleep(100);
      missing = missing(sent);
    }
    out.printf(
        "samples: sent %d, arrived %d, lost %d%n", sent.size(), sent.size() - missing, missing);
    return missing == 0 && !sent.isEmpty();
  }

  /** The ids of all samples on the bus. */
  private static Set<String> sent(String nats) throws Exception {
    Set<String> ids = new HashSet<>();
    try (Connection bus = Nats.connect(nats)) {
      PushSubscribeOptions all =
          PushSubscribeOptions.builder().stream("TELEMETRY")
              .ordered(true)
              .configuration(
                  ConsumerConfiguration.builder()
                      .deliverPolicy(DeliverPolicy.All)
                      .headersOnly(true)
                      .build())
              .build();
      JetStreamSubscription samples = bus.jetStream().subscribe("telemetry.*.metrics", all);
      for (Message message; (message = samples.nextMessage(PATIENCE)) != null; ) {
        ids.add(message.getHeaders().getFirst("Nats-Msg-Id"));
        if (message.metaData().pendingCount() == 0) {
          break;
        }
      }
    }
    return ids;
  }

  private long missing(Set<String> sent) {
    return sent.stream().filter(id -> !arrived.contains(id)).count();
  }
}
