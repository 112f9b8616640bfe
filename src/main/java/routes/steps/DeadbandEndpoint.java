package routes.steps;

import java.time.Duration;
import org.apache.camel.Producer;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;

/**
 * The step {@code deadband:}, which reports by exception: a message continues if a number in it has
 * changed by more than the band since the last message that continued; others end here. Messages of
 * different subjects are compared separately. A message without a number continues.
 */
@UriEndpoint(
    scheme = "deadband",
    title = "Dead band",
    syntax = "deadband",
    producerOnly = true,
    firstVersion = "0.1.0")
public final class DeadbandEndpoint extends StepEndpoint {
  @UriParam private Double absolute;
  @UriParam private Double percent;
  @UriParam private Duration silence;

  DeadbandEndpoint(String uri, StepComponent component) {
    super(uri, component);
  }

  @Override
  void check() {
    select("the message is reported");
    if (absolute == null && percent == null) {
      throw missing("absolute or percent");
    }
  }

  @Override
  public Producer createProducer() {
    return new DeadbandProducer(this);
  }

  /** Whether a change is larger than the band. */
  boolean exceeds(double last, double now) {
    double change = Math.abs(now - last);
    return (absolute == null || change > absolute)
        && (percent == null || change > percent / 100 * Math.abs(last));
  }

  /** The band, in the unit of the value. */
  public void setAbsolute(String absolute) {
    this.absolute = option("absolute", absolute).notNegative();
  }

  public Double getAbsolute() {
    return absolute;
  }

  /** The band, in percent of the last value. With {@code absolute}, a change must exceed both. */
  public void setPercent(String percent) {
    this.percent = option("percent", percent).notNegative();
  }

  public Double getPercent() {
    return percent;
  }

  /** If no message has continued for this long, 1s to 365d, the next one does. */
  public void setSilence(String silence) {
    this.silence =
        option("silence", silence)
            .time(
                Duration.ofSeconds(1), Duration.ofDays(365), "a time from 1s to 365d, such as 10m");
  }

  public Duration getSilence() {
    return silence;
  }
}
