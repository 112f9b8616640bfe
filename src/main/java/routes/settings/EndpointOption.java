package routes.settings;

import java.time.Duration;
import java.util.regex.Pattern;
import org.apache.camel.util.TimeUtils;

/**
 * An option of an endpoint as the route file has it. An invalid value throws an {@link
 * IllegalArgumentException} that names component, option, value and what is allowed.
 */
public record EndpointOption(String component, String name, String text) {
  /** Stricter than Camel's parser, which reads never as 0 and a bare 10 as 10 ms. */
  private static final Pattern TIME = Pattern.compile("(\\d{1,9}(d|h|m|s|ms)){1,5}");

  private static final int LONGEST = 60;

  public int whole(int least, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // same message as for a number out of range
    }
    throw invalid("a whole number from " + least + " to " + most);
  }

  public double number(String allowed) {
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // same message as for a number that is not finite
    }
    throw invalid(allowed);
  }

  public double notNegative() {
    double number = number("a number of at least 0");
    if (number < 0) {
      throw invalid("a number of at least 0");
    }
    return number;
  }

  /**
   * @param allowed the limits, for the error
   */
  public long bytes(long least, long most, String allowed) {
    try {
      long size = Settings.bytes(name, text);
      if (size >= least && size <= most) {
        return size;
      }
    } catch (SettingException e) {
      // same message as for a size out of range
    }
    throw invalid(allowed);
  }

  /**
   * @param allowed the limits, for the error
   */
  public Duration time(Duration least, Duration most, String allowed) {
    if (TIME.matcher(text).matches()) {
      Duration time = TimeUtils.toDuration(text);
      if (time.compareTo(least) >= 0 && time.compareTo(most) <= 0) {
        return time;
      }
    }
    throw invalid(allowed);
  }

  public IllegalArgumentException invalid(String allowed) {
    String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    return new IllegalArgumentException(
        "%s: invalid value \"%s\" for the option %s; use %s"
            .formatted(component, shown.replaceAll("\\p{Cntrl}+", " "), name, allowed));
  }
}
