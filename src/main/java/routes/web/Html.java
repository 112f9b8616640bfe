package routes.web;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** HTML in the making. */
final class Html {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final StringBuilder out = new StringBuilder(2048);

  /** Appends markup. */
  Html raw(String markup) {
    out.append(markup);
    return this;
  }

  /** Appends text. */
  Html text(Object text) {
    out.append(escaped(String.valueOf(text)));
    return this;
  }

  /** Appends an element without attributes around a text. */
  Html element(String name, Object text) {
    return raw("<").raw(name).raw(">").text(text).raw("</").raw(name).raw(">");
  }

  /** Appends a time, which the page's script converts to the reader's time zone. */
  Html time(Instant time) {
    return raw("<time datetime=\"")
        .raw(time.truncatedTo(ChronoUnit.MILLIS).toString())
        .raw("\">")
        .raw(TIME.format(time))
        .raw("</time>");
  }

  /** Also for attributes in double quotes. */
  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** For example 45 s, 3 min, 2 h 5 min, 12 d 3 h. */
  static String duration(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    long minutes = seconds / 60;
    if (minutes < 60) {
      return minutes + " min";
    }
    long hours = minutes / 60;
    return hours < 24
        ? hours + " h " + minutes % 60 + " min"
        : hours / 24 + " d " + hours % 24 + " h";
  }

  /** For example 1,234,567. */
  static String count(long number) {
    StringBuilder text = new StringBuilder().append(number); // String.format takes far longer
    for (int i = text.length() - 3; i > (number < 0 ? 1 : 0); i -= 3) {
      text.insert(i, ',');
    }
    return text.toString();
  }

  /** Events per minute, or per second if they are many. */
  static String rate(double perMinute) {
    if (perMinute >= 600) {
      return count(Math.round(perMinute / 60)) + "/s";
    }
    double tenths = Math.round(perMinute * 10) / 10.0;
    return perMinute >= 10 || tenths == Math.rint(tenths)
        ? count(Math.round(perMinute)) + "/min"
        : tenths + "/min";
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
