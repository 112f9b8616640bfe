package routes.routefiles;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The output of the command {@code check}, one place and its result per line. */
final class CheckReport {
  private static final int WIDEST = 60;

  private record Row(String place, String text) {}

  private final Set<String> secrets;
  private final List<Row> rows = new ArrayList<>();
  private int errors;

  /**
   * @param secrets texts that must never be shown
   */
  CheckReport(Set<String> secrets) {
    this.secrets = secrets;
  }

  void ok(String place, String text) {
    rows.add(new Row(printable(place), printable(text)));
  }

  void error(String place, String text) {
    errors++;
    ok(place + (place.endsWith(":") ? "" : ":"), text);
  }

  void warn(String place, String text) {
    ok(place + (place.endsWith(":") ? "" : ":"), "warning: " + text);
  }

  int errors() {
    return errors;
  }

  void print(PrintStream out) {
    int width = rows.stream().mapToInt(row -> row.place().length()).max().orElse(1);
    String format = "%-" + Math.min(width, WIDEST) + "s  %s%n";
    rows.forEach(row -> out.printf(format, row.place(), row.text()));
  }

  /** Hides secrets and control characters. */
  private String printable(String text) {
    String shown = text;
    for (String secret : secrets) {
      shown = shown.replace(secret, "***");
    }
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
