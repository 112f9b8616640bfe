package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import routes.bus.BusStreams;
import routes.bus.Subject;

/**
 * A durable pull consumer on the server. Consumer settings that are not listed here keep the values
 * that an operator gave them.
 *
 * @param subject the subject of its messages, which may contain wildcards
 * @param ackWait how long the server waits for an acknowledgement before it redelivers a message
 * @param inFlight how many messages may be in flight; 1 keeps the stream's order
 * @param first where it starts when it is created
 * @param owner the route and the device that it belongs to, its description on the server; null if
 *     its name does not contain them
 */
record DurableConsumer(
    String stream,
    String name,
    String subject,
    Duration ackWait,
    int inFlight,
    FirstPosition first,
    String owner) {
  private static final int CONSUMER_NOT_FOUND = 10014;
  private static final long ACK_PENDING = 1000;

  /**
   * Creates or updates the consumer.
   *
   * @param again whether this process has used it before; somebody has deleted it then, and a new
   *     one starts at the stream's oldest message, because nothing may be skipped
   */
  ConsumerInfo ensure(Connection connection, boolean again)
      throws IOException, JetStreamApiException {
    JetStreamManagement management = connection.jetStreamManagement();
    StreamInfo source = management.getStreamInfo(stream);
    String filter = filter(source.getConfiguration());
    ConsumerInfo info = find(management);
    if (info != null) {
      return update(management, info, filter);
    }
    try {
      ConsumerConfiguration created = created(source.getStreamState(), again);
      return management.addOrUpdateConsumer(stream, wanted(created, filter));
    } catch (JetStreamApiException e) {
      info = find(management);
      if (info == null) {
        throw e;
      }
      return update(management, info, filter); // a replica was faster and starts elsewhere
    }
  }

  /**
   * The consumer's filter; null if the consumer receives the whole stream. To find the next
   * message, nats-server compares a filter with each subject in the stream. With a thousand
   * devices, it then delivers a few hundred messages per second.
   */
  private String filter(StreamConfiguration source) {
    List<String> subjects = source.getSubjects();
    if (subjects.isEmpty() && stream.equals(BusStreams.TELEMETRY)) {
      subjects = List.of(BusStreams.TELEMETRY_SUBJECTS); // of leaf nodes, which are its sources
    }
    boolean whole =
        !subjects.isEmpty() && subjects.stream().allMatch(each -> Subject.covers(subject, each));
    return whole ? null : subject;
  }

  /** Whether a message is for this consumer. Subjects may be added to a stream at any time. */
  boolean isFor(Message message) {
    return Subject.covers(subject, message.getSubject());
  }

  private ConsumerConfiguration created(StreamState state, boolean again) {
    FirstPosition position = again ? FirstPosition.ALL : first;
    return position
        .applyTo(
            ConsumerConfiguration.builder()
                .durable(name)
                .description(owner)
                .ackPolicy(AckPolicy.Explicit),
            state,
            Instant.now())
        .build();
  }

  private ConsumerInfo update(JetStreamManagement management, ConsumerInfo info, String filter)
      throws IOException, JetStreamApiException {
    ConsumerConfiguration found = info.getConsumerConfiguration();
    if (found.getDeliverSubject() != null || found.getAckPolicy() != AckPolicy.Explicit) {
      throw new IllegalStateException(
          "not a pull consumer with explicit acknowledgement; delete it");
    }
    ConsumerConfiguration wanted = wanted(found, filter);
    return wanted.toJson().equals(found.toJson())
        ? info
        : management.addOrUpdateConsumer(stream, wanted);
  }

  private ConsumerConfiguration wanted(ConsumerConfiguration found, String filter) {
    return ConsumerConfiguration.builder(found)
        .filterSubject(filter)
        .ackWait(ackWait)
        .maxDeliver(-1)
        .maxAckPending(ackPending(found.getMaxAckPending()))
        .build();
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
   * With one message in flight, a message that waits for its next try blocks the following ones.
   * Otherwise some messages may wait while others pass.
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
