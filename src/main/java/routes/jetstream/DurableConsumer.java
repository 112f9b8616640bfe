package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import routes.bus.BusStreams;

/**
 * A durable pull consumer at the server. Settings of the consumer that are not listed here keep the
 * values that an operator gave them.
 *
 * @param subject filter of its messages
 * @param ackWait after how long without an acknowledgement the server delivers a message again
 * @param inFlight how many messages may be in flight; 1 keeps the stream's order
 */
record DurableConsumer(String stream, String name, String subject, Duration ackWait, int inFlight) {
  private static final int CONSUMER_NOT_FOUND = 10014;
  private static final long ACK_PENDING = 1000;

  /** Creates or updates the consumer. */
  ConsumerInfo ensure(Connection connection) throws IOException, JetStreamApiException {
    JetStreamManagement management = connection.jetStreamManagement();
    ConsumerInfo info = find(management);
    ConsumerConfiguration found =
        info == null
            ? ConsumerConfiguration.builder()
                .durable(name)
                .deliverPolicy(DeliverPolicy.All)
                .ackPolicy(AckPolicy.Explicit)
                .build()
            : info.getConsumerConfiguration();
    if (found.getDeliverSubject() != null || found.getAckPolicy() != AckPolicy.Explicit) {
      throw new IllegalStateException(
          "it exists, but does not pull with explicit acknowledgement: delete it");
    }
    ConsumerConfiguration wanted =
        ConsumerConfiguration.builder(found)
            .filterSubject(subject)
            .ackWait(ackWait)
            .maxDeliver(-1)
            .maxAckPending(ackPending(found.getMaxAckPending()))
            .build();
    if (info != null && wanted.toJson().equals(found.toJson())) {
      return info;
    }
    return management.addOrUpdateConsumer(stream, wanted);
  }

  /** Asks the server for the consumer, without blocking a thread. */
  CompletableFuture<Message> requestInfo(Connection connection, Duration timeout) {
    return connection.requestWithTimeout(
        "$JS.API.CONSUMER.INFO." + stream + "." + name, null, timeout);
  }

  private ConsumerInfo find(JetStreamManagement management)
      throws IOException, JetStreamApiException {
    try {
      return management.getConsumerInfo(stream, name);
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == CONSUMER_NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  /**
   * With one in flight, a message that waits for its next try holds back the following ones.
   * Otherwise some messages may wait while others go on.
   */
  private long ackPending(long found) {
    if (inFlight == 1) {
      return 1;
    }
    return found > inFlight ? found : Math.max(ACK_PENDING, 2L * inFlight);
  }

  static boolean streamMissing(Exception e) {
    return e instanceof JetStreamApiException api && api.getApiErrorCode() == BusStreams.NOT_FOUND;
  }

  @Override
  public String toString() {
    return "consumer " + name + " of stream " + stream;
  }
}
