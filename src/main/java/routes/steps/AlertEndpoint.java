package routes.steps;

import java.time.Duration;
import java.util.regex.Pattern;
import org.apache.camel.Producer;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import routes.bus.Bus;
import routes.bus.StateBucket;

/**
 * The step {@code alert:}, which compares a number with a threshold. A message continues only if it
 * fires or clears the alert. Its body is then a map with {@code alert}, {@code state} (fired or
 * cleared), {@code value}, {@code threshold}, {@code since} and {@code deviceId}. Other messages
 * end here. The state survives restarts.
 */
@UriEndpoint(
    scheme = "alert",
    title = "Alert",
    syntax = "alert",
    producerOnly = true,
    firstVersion = "0.1.0")
public final class AlertEndpoint extends StepEndpoint {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  @UriParam private String name;
  @UriParam private Double above;
  @UriParam private Double below;
  @UriParam private Double clear;

  @UriParam(name = "for")
  private Duration duration = Duration.ZERO;

  AlertEndpoint(String uri, StepComponent component) {
    super(uri, component);
  }

  @Override
  void check() {
    select("the message is not compared");
    if (above == null && below == null) {
      throw missing("above or below");
    }
    if (above != null && below != null) {
      throw new IllegalArgumentException("alert: use either above or below");
    }
    if (clear != null && (above == null ? clear < below : clear > above)) {
      throw option("clear", clear.toString())
          .invalid(
              above == null
                  ? "a number of at least below, " + below
                  : "a number of at most above, " + above);
    }
  }

  @Override
  public Producer createProducer() {
    Bus bus = getCamelContext().getRegistry().lookupByNameAndType("bus", Bus.class);
    return new AlertProducer(this, new StateBucket(bus));
  }

  double threshold() {
    return above == null ? below : above;
  }

  boolean exceeds(double number) {
    return above == null ? number < below : number > above;
  }

  /** Whether a fired alert is over. */
  boolean clears(double number) {
    double bound = clear == null ? threshold() : clear;
    return above == null ? number >= bound : number <= bound;
  }

  /** The alert's name in messages and in the key of its state; by default the route's id. */
  public void setName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw option("name", name).invalid("1 to 64 letters, digits, - and _");
    }
    this.name = name;
  }

  public String getName() {
    return name;
  }

  String nameIn(String route) {
    return name == null ? route : name;
  }

  /** Fires if the number is larger. */
  public void setAbove(String above) {
    this.above = option("above", above).number("a number");
  }

  public Double getAbove() {
    return above;
  }

  /** Fires if the number is smaller. */
  public void setBelow(String below) {
    this.below = option("below", below).number("a number");
  }

  public Double getBelow() {
    return below;
  }

  /** The value at which a fired alert clears (hysteresis); by default the threshold. */
  public void setClear(String clear) {
    this.clear = option("clear", clear).number("a number");
  }

  public Double getClear() {
    return clear;
  }

  /** How long every number must be beyond the threshold before the alert fires; default 0. */
  public void setFor(String duration) {
    this.duration =
        option("for", duration)
            .time(Duration.ZERO, Duration.ofDays(7), "a time from 0s to 7d, such as 5m");
  }

  public Duration getFor() {
    return duration;
  }
}
