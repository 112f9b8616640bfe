package routes.steps;

import java.time.Duration;
import org.apache.camel.Producer;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;

/**
 * The step {@code batch:}, which combines messages of one subject into a JSON array. The array
 * continues along the route; the messages are acknowledged, or fail, together with it. With the
 * option {@code value}, the array contains numbers instead of whole messages.
 */
@UriEndpoint(
    scheme = "batch",
    title = "Batch",
    syntax = "batch",
    producerOnly = true,
    firstVersion = "0.1.0")
public final class BatchEndpoint extends StepEndpoint {
  private static final int MOST_BYTES = 4 << 20;
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration DEFAULT_TIME = Duration.ofSeconds(1);

  @UriParam private int count;
  @UriParam private long bytes = 100 << 10;
  @UriParam private Duration time;
  @UriParam private Duration window;

  BatchEndpoint(String uri, StepComponent component) {
    super(uri, component);
  }

  @Override
  void check() {
    if (window != null && time != null) {
      throw new IllegalArgumentException("batch: use either window or time");
    }
    if (getValue() != null) {
      select("the message is left out");
    }
  }

  @Override
  public Producer createProducer() {
    return new BatchProducer(this);
  }

  /**
   * The largest number of messages, 1 to 10000; by default as many as may be in flight. It must not
   * exceed {@code inFlight} of the route's source.
   */
  public void setCount(String count) {
    this.count = option("count", count).whole(1, 10_000);
  }

  public int getCount() {
    return count;
  }

  /** The largest array, 1KB to 4MB, default 100KB; a larger message is sent alone. */
  public void setBytes(String bytes) {
    this.bytes =
        option("bytes", bytes).bytes(1 << 10, MOST_BYTES, "a size from 1KB to 4MB, such as 100KB");
  }

  public String getBytes() {
    return bytes + "B";
  }

  long largest() {
    return bytes;
  }

  /** How long the first message waits for others, 10ms to 1h, default 1s. */
  public void setTime(String time) {
    this.time =
        option("time", time)
            .time(Duration.ofMillis(10), LONGEST, "a time from 10ms to 1h, such as 500ms");
  }

  public Duration getTime() {
    return time == null ? DEFAULT_TIME : time;
  }

  /**
   * Combines the messages that the stream stored in the same period, 1s to 1h, aligned to the
   * clock, instead of waiting for {@code time}.
   */
  public void setWindow(String window) {
    this.window =
        option("window", window)
            .time(Duration.ofSeconds(1), LONGEST, "a time from 1s to 1h, such as 1m");
  }

  public Duration getWindow() {
    return window;
  }
}
