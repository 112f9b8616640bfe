package routes.jetstream;

import io.nats.client.Connection;
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
 * Polls a consumer's progress without blocking a thread, and logs messages that the stream dropped.
 * The backlog is unknown while NATS is unavailable.
 */
final class ConsumerPoll implements Runnable {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(ConsumerPoll.class);

  private final Bus bus;
  private final DurableConsumer durable;
  private final ConsumerState state;
  private final RateLimitedLog log;
  private final byte[] subjects;
  private long logged;
  private long loggedExpired;
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
          .thenCompose(answer -> ask(connection, new ConsumerInfo(answer)))
          .exceptionally(this::unanswered);
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(unanswered(e)); // just disconnected
    }
  }

  private CompletableFuture<Void> ask(Connection connection, ConsumerInfo consumer) {
    if (consumer.hasError()) {
      return CompletableFuture.completedFuture(null);
    }
    boolean whole = ConsumerState.filters(consumer).equals(List.of(">"));
    // The subjects are as many as the devices of a hub, which receives the whole stream.
    return connection
        .requestWithTimeout(
            "$JS.API.STREAM.INFO." + durable.stream(), whole ? null : subjects, TIMEOUT)
        .thenAccept(stream -> answered(consumer, new StreamInfo(stream), whole));
  }

  private void answered(ConsumerInfo consumer, StreamInfo stream, boolean whole) {
    if (!stream.hasError()) {
      state.polled(consumer, stream, !whole && isMixed(stream.getStreamState()));
      logDrops(state.drops());
      logExpired(state.expired());
    }
  }

  /** Compares subjects and messages, because messages may expire while the server counts. */
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
                "%,d messages dropped before delivery: stream %s reached its limits%s",
                drops - logged,
                durable.stream(),
                durable.stream().equals("TELEMETRY") ? " (bus.max-age, bus.max-bytes)" : ""))) {
      logged = drops;
    }
  }

  private void logExpired(long expired) {
    if (expired > loggedExpired
        && log.warn(
            "expired",
            String.format(
                Locale.ROOT,
                "%,d messages skipped: older than maxAge of the route",
                expired - loggedExpired))) {
      loggedExpired = expired;
    }
  }

  private Void unanswered(Throwable e) {
    LOG.debug("{}: no reply", durable, e);
    return null;
  }
}
