package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.NUID;
import io.nats.client.Subscription;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import routes.bus.Bus;

/**
 * Reads the messages of one subject from a stream, oldest first. The consumer belongs to the read
 * alone and needs no acknowledgements, so the consumers of gateways are not affected. Messages
 * arrive in batches; the next batch is requested when the previous one has been read, which bounds
 * the memory and lets the messages of gateways pass on the shared connection.
 */
public final class StreamReader {
  private static final int BATCH = 256;
  private static final Duration ANSWER = Duration.ofSeconds(3);

  /** The server deletes the consumer after this time without a request. */
  private static final Duration INACTIVE = Duration.ofSeconds(5);

  /** Room for subject and headers, which count towards max_bytes but not towards max_payload. */
  private static final long OVERHEAD = 64 * 1024;

  private static final int NO_MESSAGES = 404;

  /** Takes the messages of a read. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param millis when the stream stored the message, in ms since 1970
     * @return whether to continue
     */
    boolean message(long millis, byte[] body);
  }

  private final Bus bus;

  public StreamReader(Bus bus) {
    this.bus = bus;
  }

  /**
   * Reads the messages that the stream holds now.
   *
   * @param from skips what was stored earlier
   * @param limit how long the read may take
   * @throws UnreadableStreamException if NATS does not deliver the messages within the limit
   */
  public void read(String stream, String subject, Instant from, Duration limit, Visitor visitor)
      throws UnreadableStreamException, InterruptedException {
    Connection connection = connection(bus);
    try {
      new Read(connection, stream, subject, System.nanoTime() + limit.toNanos()).run(from, visitor);
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      throw new UnreadableStreamException(
          "stream " + stream + " cannot be read: " + DeadLetter.reason(e));
    }
  }

  /** The live connection. */
  static Connection connection(Bus bus) throws UnreadableStreamException {
    return bus.session()
        .map(Bus.Session::connection)
        .orElseThrow(
            () ->
                new UnreadableStreamException(
                    bus.problem().orElse(bus.name() + " is unavailable")));
  }

  /** One read. */
  private static final class Read {
    private final Connection connection;
    private final String stream;
    private final String subject;
    private final long deadline;

    Read(Connection connection, String stream, String subject, long deadline) {
      this.connection = connection;
      this.stream = stream;
      this.subject = subject;
      this.deadline = deadline;
    }

    void run(Instant from, Visitor visitor)
        throws IOException, JetStreamApiException, UnreadableStreamException, InterruptedException {
      ConsumerInfo consumer =
          connection
              .jetStreamManagement()
              .addOrUpdateConsumer(
                  stream,
                  ConsumerConfiguration.builder()
                      .name("read-" + NUID.nextGlobal())
                      .filterSubject(subject)
                      .deliverPolicy(DeliverPolicy.ByStartTime)
                      .startTime(from.atZone(ZoneOffset.UTC))
                      .ackPolicy(AckPolicy.None)
                      .inactiveThreshold(INACTIVE)
                      .memStorage(true)
                      .numReplicas(1)
                      .build());
      long left = consumer.getNumPending();
      String inbox = connection.createInbox();
      Subscription subscription = connection.subscribe(inbox);
      try {
        while (left > 0) {
          int asked = (int) Math.min(BATCH, left);
          connection.publish(
              "$JS.API.CONSUMER.MSG.NEXT." + stream + "." + consumer.getName(),
              inbox,
              request(asked));
          int read = batch(subscription, asked, visitor);
          left = read < 0 ? 0 : left - read;
        }
      } finally {
        if (connection.getStatus() == Connection.Status.CONNECTED) {
          subscription.unsubscribe();
        }
      }
    }

    private byte[] request(int batch) {
      return String.format(
              Locale.ROOT,
              "{\"batch\":%d,\"max_bytes\":%d,\"no_wait\":true}",
              batch,
              connection.getMaxPayload() + OVERHEAD)
          .getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * @return how many messages of the batch were read; -1 if there are no more, or the visitor
     *     wants none
     */
    private int batch(Subscription subscription, int asked, Visitor visitor)
        throws UnreadableStreamException, InterruptedException {
      for (int read = 0; read < asked; read++) {
        long rest = deadline - System.nanoTime();
        Message message =
            rest <= 0
                ? null
                : subscription.nextMessage(Duration.ofNanos(Math.min(rest, ANSWER.toNanos())));
        if (message == null) {
          throw new UnreadableStreamException(
              deadline - System.nanoTime() <= 0
                  ? "reading the stream " + stream + " takes too long; use a shorter range"
                  : "NATS did not answer within " + ANSWER.toSeconds() + " s; try again");
        }
        if (message.isStatusMessage()) {
          int code = message.getStatus().getCode();
          if (read == 0 && code != NO_MESSAGES) {
            throw new UnreadableStreamException(
                "stream " + stream + " cannot be read: " + message.getStatus().getMessage());
          }
          return read == 0 ? -1 : read;
        }
        long stored = DeliveryInfo.of(message.getReplyTo()).timestamp();
        if (!visitor.message(TimeUnit.NANOSECONDS.toMillis(stored), message.getData())) {
          return -1;
        }
      }
      return asked;
    }
  }
}
