package routes.jetstream;

import java.util.HashSet;
import java.util.Set;

/**
 * Counts the messages that the stream's limits removed before this consumer delivered them. Counts
 * only certain losses.
 *
 * <p>In a stream without other subjects, a sequence missing between two deliveries was removed. In
 * a mixed stream a sequence may belong to another consumer, so a checkpoint records how many
 * messages are pending up to the stream's last one. Once each of them has been delivered or
 * removed, those that did not arrive are lost. Messages stored and removed between two polls of a
 * mixed stream are not counted.
 *
 * <p>Consumer sequences without a gap prove that no other process shared the consumer. After a gap,
 * the missing messages may have been delivered elsewhere, and counting starts over.
 */
final class Drops {
  /**
   * The server's report.
   *
   * @param stream highest stream sequence that the consumer has delivered or skipped
   * @param consumer sequence of its last delivery
   * @param pending messages that it has not delivered yet
   * @param first the stream's oldest message; the stream is polled after the consumer
   * @param last the stream's newest message
   * @param mixed whether the stream holds messages that are not for this consumer
   */
  record Poll(long stream, long consumer, long pending, long first, long last, boolean mixed) {}

  /** Sequences that are missing before {@code end}. */
  private record Gap(long missing, long end) {
    static final Gap NONE = new Gap(0, 0);

    Gap with(long more, long newEnd) {
      return more == 0 ? this : new Gap(missing + more, newEnd);
    }
  }

  /** Pending messages in a range of sequences, excluding its start. */
  private record Checkpoint(long from, long to, long pending) {}

  private final Set<Long> returned = new HashSet<>();
  private long stream;
  private long consumer;
  private boolean mixed;
  private Gap recent = Gap.NONE;
  private Gap older = Gap.NONE;
  private Checkpoint checkpoint;
  private long arrived;
  private Poll previous;
  private long count;

  /**
   * Starts at the position of a consumer that is new to this process.
   *
   * @param first the stream's oldest message; anything removed before the consumer's first delivery
   *     is not a loss
   */
  synchronized void start(long first, long deliveredStream, long deliveredConsumer) {
    stream = deliveredConsumer == 0 ? Math.max(first - 1, deliveredStream) : deliveredStream;
    consumer = deliveredConsumer;
    mixed = false;
    previous = null;
    forget();
  }

  /** Continues after a reconnect. A server that was killed may have lost recent progress. */
  synchronized void resume(long deliveredStream, long deliveredConsumer) {
    if (deliveredConsumer > consumer) {
      lostTrack(deliveredStream, deliveredConsumer);
    }
    consumer = deliveredConsumer;
    previous = null;
  }

  /** A message was delivered or redelivered. */
  synchronized void delivered(long sequence, long consumerSequence) {
    returned.remove(sequence);
    if (consumerSequence > consumer + 1) {
      lostTrack(sequence, consumerSequence);
    } else if (sequence > stream) {
      recent = recent.with(sequence - stream - 1, sequence);
      stream = sequence;
      if (checkpoint != null && sequence > checkpoint.from && sequence <= checkpoint.to) {
        arrived++;
      }
    }
    consumer = consumerSequence;
  }

  /** A message failed and will be redelivered. */
  synchronized void returned(long sequence) {
    returned.add(sequence);
  }

  synchronized void polled(Poll now) {
    Poll then = previous;
    previous = now;
    if (then != null && then.consumer > consumer) { // its deliveries would have arrived by now
      lostTrack(then.stream, then.consumer);
    }
    // Messages delivered before the previous poll and removed by it have arrived by now.
    long removed = then == null ? 0 : then.first - 1;
    int before = returned.size();
    returned.removeIf(sequence -> sequence <= removed);
    count += before - returned.size();
    boolean idle = consumer == now.consumer;
    mixed |= now.mixed;
    if (mixed) {
      settleCheckpoint(now, idle ? Math.max(removed, now.stream) : 0);
    } else {
      settleGaps(now, idle ? removed : 0);
    }
  }

  /** Limits remove the oldest messages, so a gap at or above the first one has another cause. */
  private void settleGaps(Poll now, long removed) {
    count += now.first >= older.end ? older.missing : 0;
    older = recent;
    recent = Gap.NONE;
    if (removed > stream) {
      count += removed - stream;
      stream = removed;
    }
  }

  private void settleCheckpoint(Poll now, long passed) {
    if (checkpoint != null && now.last >= checkpoint.to) {
      boolean untouched = now.first - 1 <= checkpoint.from;
      boolean complete = Math.max(stream, passed) >= checkpoint.to;
      if (!complete && !untouched) {
        return;
      }
      count += untouched ? 0 : Math.max(0, checkpoint.pending - arrived);
    }
    checkpoint = new Checkpoint(now.stream, now.last, now.pending);
    arrived = Math.max(0, consumer - now.consumer); // on their way here when the server answered
  }

  private void lostTrack(long sequence, long consumerSequence) {
    forget();
    stream = Math.max(stream, sequence);
    consumer = consumerSequence;
  }

  private void forget() {
    returned.clear();
    recent = Gap.NONE;
    older = Gap.NONE;
    checkpoint = null;
  }

  synchronized long count() {
    return count;
  }
}
