package routes.jetstream;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.api.StreamState;
import io.nats.client.api.Subject;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.Bus;
import routes.log.RateLimitedLog;

/**
 * Asks the server for the progress of a consumer, without blocking a thread, and logs what the
 * stream has dropped. While NATS is unavailable the backlog is unknown.
 */
final class ConsumerPoll implements Runnable {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(ConsumerPoll.class);

  private final Bus bus;
  private final DurableConsumer durable;
  private final ConsumerState state;
  private final RateLimitedLog log;
  private final byte[] subjects;
  private boolean unmixed;
  private long logged;
  private CompletableFuture<?> pending = CompletableFuture.completedFuture(null);

  ConsumerPoll(Bus bus, DurableConsumer durable, ConsumerState state) {
    this.bus = bus;
    this.durable = durable;
    this.state = state;
    this.log = new RateLimitedLog(LoggerFactory.getLogger(state.id()));
    this.subjects = StreamInfoOptions.filterSubjects(durable.subject()).serialize();
  }

  @Override
  public void run() {
    Bus.Session session = bus.session().orElse(null);
    if (session == null) {
      state.backlogUnknown();
    } else if (pending.isDone()) {
      pending = ask(session.connection());
    }
  }

  private CompletableFuture<?> ask(Connection connection) {
    try {
      return durable
          .requestInfo(connection, TIMEOUT)
          .thenCompose(
              consumer -> streamInfo(connection).thenAccept(stream -> answered(consumer, stream)))
          .exceptionally(this::unanswered);
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(unanswered(e)); // the connection was lost just now
    }
  }

  private CompletableFuture<Message> streamInfo(Connection connection) {
    return connection.requestWithTimeout(
        "$JS.API.STREAM.INFO." + durable.stream(), unmixed ? null : subjects, TIMEOUT);
  }

  private void answered(Message consumerAnswer, Message streamAnswer) {
    ConsumerInfo consumer = new ConsumerInfo(consumerAnswer);
    StreamInfo stream = new StreamInfo(streamAnswer);
    if (!stream.hasError() && !consumer.hasError()) {
      unmixed = stream.getConfiguration().getSubjects().equals(List.of(durable.subject()));
      state.polled(consumer, stream, !unmixed && isMixed(stream.getStreamState()));
      logDrops(state.drops());
    }
  }

  /** Both numbers, since messages may expire while the server counts. */
  private static boolean isMixed(StreamState stream) {
    List<Subject> own = stream.getSubjects();
    return stream.getSubjectCount() > own.size()
        && stream.getMsgCount() > own.stream().mapToLong(Subject::getCount).sum();
  }

  private void logDrops(long drops) {
    if (drops > logged
        && log.warn(
            "drops",
            String.format(
                Locale.ROOT,
                "%,d messages were dropped before they were delivered: the limits of %s%s removed"
                    + " them",
                drops - logged,
                durable.stream(),
                durable.stream().equals("TELEMETRY") ? " (bus.max-age, bus.max-bytes)" : ""))) {
      logged = drops;
    }
  }

  private Void unanswered(Throwable e) {
    LOG.debug("{}: no answer", durable, e);
    return null;
  }
}
