package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.BusStreams;

/**
 * A gateway's durable pull consumer, as the server keeps it. Other settings that an operator gave
 * it stay.
 *
 * @param subject which messages of the stream it gets
 * @param ackWait how long the server waits for word of a message before it delivers it again
 * @param inFlight how many messages are worked on at once; 1 keeps the stream's order
 */
record DurableConsumer(String stream, String name, String subject, Duration ackWait, int inFlight) {
  private static final Logger LOG = LoggerFactory.getLogger(JetStreamConsumer.class);
  private static final int CONSUMER_NOT_FOUND = 10014;
  private static final long ACK_PENDING = 1000;

  /** Makes the consumer, or brings it up to date. */
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
    String before = found.getFilterSubject();
    if (info != null && before != null && !before.equals(subject)) {
      LOG.warn(
          "{} took {} and takes {} from now on: what waits of the former stays in the stream; two"
              + " devices (device.id) need a NATS each",
          this,
          before,
          subject);
    }
    return management.addOrUpdateConsumer(stream, wanted);
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
   * One in flight means one pending: a message that waits for its next attempt then holds back the
   * following ones. Otherwise some messages may wait while others go on.
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
