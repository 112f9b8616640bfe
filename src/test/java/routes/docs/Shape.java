package routes.docs;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Lines of output without the parts that differ between runs: times, ids, hosts and numbers. */
final class Shape {
  /** Marks omitted lines in a page. */
  private static final String ELLIPSIS = "...";

  private Shape() {}

  static String of(String line) {
    return line.strip()
        .replaceAll("\\b[0-9A-HJKMNP-TV-Z]{26}\\b", "ID")
        .replaceAll("\\b(localhost|127\\.0\\.0\\.1)\\b", "HOST")
        .replaceAll("connected to \\S+ as \\S+", "connected to HOST as DEVICE")
        .replaceAll("\\d+", "N")
        .replaceAll("\\s+", " ");
  }

  static List<String> of(List<String> lines) {
    return lines.stream().map(Shape::of).toList();
  }

  static boolean isWhole(List<String> page) {
    return !page.contains(ELLIPSIS);
  }

  /** The lines of the page that match no line of the output. */
  static List<String> missing(List<String> page, List<String> output) {
    Set<String> shapes = new HashSet<>(of(output));
    List<String> missing = new ArrayList<>(page);
    missing.removeIf(line -> line.equals(ELLIPSIS) || shapes.contains(of(line)));
    return missing;
  }
}
