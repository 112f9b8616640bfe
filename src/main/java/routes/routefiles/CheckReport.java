package routes.routefiles;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The lines of the command {@code check}: a place, and what is to be said of it. */
final class CheckReport {
  private static final int WIDEST = 60;

  private record Row(String place, String text) {}

  private final Set<String> secrets;
  private final List<Row> rows = new ArrayList<>();
  private int wrong;

  /**
   * @param secrets what must not be shown, whatever quotes it
   */
  CheckReport(Set<String> secrets) {
    this.secrets = secrets;
  }

  void right(String place, String text) {
    rows.add(new Row(printable(place), printable(text)));
  }

  void wrong(String place, String text) {
    wrong++;
    right(place + (place.endsWith(":") ? "" : ":"), text);
  }

  void warn(String place, String text) {
    right(place + (place.endsWith(":") ? "" : ":"), "warning: " + text);
  }

  /** How many faults it holds. */
  int wrong() {
    return wrong;
  }

  void print(PrintStream out) {
    int width = rows.stream().mapToInt(row -> row.place().length()).max().orElse(1);
    String format = "%-" + Math.min(width, WIDEST) + "s  %s%n";
    rows.forEach(row -> out.printf(format, row.place(), row.text()));
  }

  /** Without secrets, and nothing that a terminal would take for an order. */
  private String printable(String text) {
    String shown = text;
    for (String secret : secrets) {
      shown = shown.replace(secret, "***");
    }
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
