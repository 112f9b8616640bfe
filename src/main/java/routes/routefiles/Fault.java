package routes.routefiles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import routes.settings.Nearest;
import routes.settings.SettingException;

/**
 * An error in the settings or a route file, in one line: {@code file:line: text}. Camel reports the
 * line only for errors of its YAML reader; for others, such as a misspelt option, the line is that
 * of the offending word.
 *
 * @param file the route file; null if unknown or if no file is at fault
 * @param line from 1; 0 if unknown
 */
public record Fault(Path file, int line, String text) {
  /** A YAML reader's message with its place. */
  private static final Pattern PLACED =
      Pattern.compile("(?s).*?\\bin file:([^\n]+?), line (\\d+),.*");

  /** Other ways in which Camel names the route or its file. */
  private static final Pattern SOURCE = Pattern.compile("(?:source|resource): file:([^\\s)]+)");

  private static final Pattern ROUTE = Pattern.compile("(?:in route: Route\\(|route: )([\\w-]+)");

  private static final Pattern NODE = Pattern.compile("Unknown node id: (\\S+)");
  private static final Pattern FIELD = Pattern.compile("Unsupported field: (\\S+)");
  private static final Pattern EXPRESSION = Pattern.compile("Unknown expression with id: (\\S+)");

  /**
   * @param where the route file at fault, or the folder with the route files if it is unknown
   * @param words the valid words, for suggestions
   */
  public static Fault of(Throwable thrown, Path where, KnownWords words) {
    StringBuilder all = new StringBuilder();
    String innermost = "";
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      innermost =
          cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
      if (cause instanceof ClassNotFoundException) {
        innermost = "class " + innermost + " not found";
      }
      if (cause instanceof SettingException) {
        return new Fault(null, 0, innermost);
      }
      if (cause instanceof StackOverflowError) {
        return Files.isDirectory(where)
            ? new Fault(null, 0, "a file in " + where + " is nested too deeply; find it with check")
            : new Fault(where, 0, "nested too deeply");
      }
      Matcher placed = PLACED.matcher(innermost);
      if (placed.matches()) {
        int line = Integer.parseInt(placed.group(2));
        return placed(Path.of(placed.group(1)), line, unplaced(innermost));
      }
      all.append(innermost).append('\n');
    }
    Path file = Files.isDirectory(where) ? file(all, where) : where;
    Optional<KnownFault> known = KnownFault.in(all.toString(), words);
    if (known.isEmpty()) {
      return new Fault(file, 0, oneLine(innermost));
    }
    int line = file == null ? 0 : line(file, known.get());
    if (line == 0) { // in another file, such as on-error, whose steps are added to each route
      Path other = search(where, known.get());
      return other == null
          ? new Fault(file, 0, oneLine(known.get().text()))
          : new Fault(other, line(other, known.get()), oneLine(known.get().text()));
    }
    return new Fault(file, line, oneLine(known.get().text()));
  }

  private static int line(Path file, KnownFault known) {
    return RouteText.of(file).line(known.word(), known.after());
  }

  /** The YAML reader's message without places and quoted lines. */
  private static String unplaced(String message) {
    return message
        .lines()
        .filter(line -> !line.startsWith(" "))
        .map(line -> line.replaceFirst("\\s*\\bin file:.*, line \\d+,.*", ""))
        .collect(Collectors.joining(", "));
  }

  /** Adds a suggestion; for a field also its exact line, as Camel reports only the node's. */
  private static Fault placed(Path file, int line, String text) {
    Matcher node = NODE.matcher(text);
    if (node.find()) {
      return new Fault(file, line, text + Nearest.hint(node.group(1), KnownWords.nodes()));
    }
    Matcher expression = EXPRESSION.matcher(text);
    if (expression.find()) {
      return new Fault(
          file, line, text + Nearest.hint(expression.group(1), KnownWords.expressions()));
    }
    Matcher field = FIELD.matcher(text);
    if (field.find()) {
      RouteText lines = RouteText.of(file);
      int exact = Math.max(line, lines.lineFrom(line, field.group(1)));
      return new Fault(
          file, exact, text + Nearest.hint(field.group(1), KnownWords.fields(lines.parent(exact))));
    }
    return new Fault(file, line, text);
  }

  /** The file that Camel names, or null. */
  private static Path file(CharSequence all, Path directory) {
    Matcher source = SOURCE.matcher(all);
    if (source.find()) {
      return Path.of(source.group(1));
    }
    Matcher route = ROUTE.matcher(all);
    return route.find() ? directory.resolve(route.group(1) + RouteFolder.SUFFIX) : null;
  }

  /** The first route file in the same folder that could be at fault, or null. */
  private static Path search(Path where, KnownFault known) {
    try {
      Path folder = Files.isDirectory(where) ? where : where.resolveSibling("");
      for (Path file : RouteFolder.of(folder).routeFiles()) {
        RouteText text = RouteText.of(file);
        boolean lacking = known.lacks().isEmpty() || text.line(known.lacks(), "") == 0;
        if (lacking && text.line(known.word(), "") > 0) {
          return file;
        }
      }
    } catch (IOException e) {
      // reported without a place
    }
    return null;
  }

  /** {@code file:line:}, as far as known; the file relative to the working directory. */
  public String place() {
    if (file == null || !Files.isRegularFile(file)) {
      return "";
    }
    return shown(file) + ":" + (line == 0 ? "" : line + ":");
  }

  /** The path, relative to the working directory if it is below it. */
  public static String shown(Path file) {
    Path here = Path.of("").toAbsolutePath();
    Path path = file.toAbsolutePath().normalize();
    return (path.startsWith(here) ? here.relativize(path) : path).toString();
  }

  @Override
  public String toString() {
    return (place() + " " + text).strip();
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s+", " ");
  }
}
