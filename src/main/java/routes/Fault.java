package routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Says what is wrong with the settings or a route file in one line: {@code file:line: what}. Camel
 * gives a line for what its YAML reader refuses; for the rest, such as a misspelt option, the line
 * is where the offending word stands in the file.
 */
final class Fault {
  /** What the YAML reader says, and where. */
  private static final Pattern PLACED =
      Pattern.compile("(?s)(.*?)\\s*\\bin file:(\\S+?), line (\\d+),.*");

  /** Where else Camel names the route or its file. */
  private static final Pattern SOURCE = Pattern.compile("(?:source|resource): file:([^\\s)]+)");

  private static final Pattern ROUTE = Pattern.compile("(?:in route: Route\\(|route: )([\\w-]+)");

  /**
   * A message of Camel's about a word, which is the pattern's first group.
   *
   * @param says a shorter way to say it
   * @param word what stands in the file at fault
   * @param lacks what doesn't stand there, or an empty text
   */
  private record Known(Pattern pattern, String says, String word, String lacks) {
    Known(String pattern, String says) {
      this(Pattern.compile(pattern), says, "$1", "");
    }
  }

  private static final List<Known> KNOWN =
      List.of(
          new Known("Unknown parameters=\\[\\{(\\w+)=", "there is no option $1"),
          new Known("Property with key \\[([^\\]]+)\\] not found", "there is no setting $1"),
          new Known("could be found in the registry for: (\\S+)", "there is no bean $1"),
          new Known("No endpoint could be found for: (\\w[\\w-]*)", "there is no component $1"),
          new Known("Duplicate route ids detected: ([\\w-]+)", "two routes have the id $1"),
          new Known("(?m)was: (\\S+) at location \\d+$", "the expression can't be read: $1"),
          new Known(
              Pattern.compile("Option (\\w+) is required .* with syntax ([\\w-]+):"),
              "$2 needs the option $1",
              "uri: $2",
              "$1:"));

  private Fault() {}

  /**
   * @param where the route file at fault, or the folder with the route files where it isn't known
   */
  static String describe(Throwable thrown, Path where) {
    StringBuilder all = new StringBuilder();
    String innermost = "";
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      innermost =
          cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
      if (cause instanceof SettingException) {
        return innermost;
      }
      Matcher placed = PLACED.matcher(innermost);
      if (placed.matches()) {
        return relative(placed.group(2)) + ":" + placed.group(3) + ": " + line(placed.group(1));
      }
      all.append(innermost).append('\n');
    }
    Path file = Files.isDirectory(where) ? file(all, where) : where;
    for (Known known : KNOWN) {
      Matcher matcher = known.pattern().matcher(all);
      if (matcher.find()) {
        String word = fill(known.word(), matcher);
        Path place = file == null ? search(where, word, fill(known.lacks(), matcher)) : file;
        return place(place, word) + fill(known.says(), matcher);
      }
    }
    return place(file, "\n") + line(innermost);
  }

  private static String fill(String template, Matcher matcher) {
    String text = template.replace("$1", matcher.group(1));
    return text.contains("$2") ? text.replace("$2", matcher.group(2)) : text;
  }

  /** The file that Camel names, or null. */
  private static Path file(CharSequence all, Path directory) {
    Matcher source = SOURCE.matcher(all);
    if (source.find()) {
      return Path.of(source.group(1));
    }
    Matcher route = ROUTE.matcher(all);
    return route.find() ? directory.resolve(route.group(1) + ".camel.yaml") : null;
  }

  /** The first route file that has the one text and not the other, or null. */
  private static Path search(Path directory, String word, String lacks) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String text = Files.readString(file);
        if (text.contains(word) && (lacks.isEmpty() || !text.contains(lacks))) {
          return file;
        }
      }
    } catch (IOException e) {
      // the place is a courtesy
    }
    return null;
  }

  private static String place(Path file, String word) {
    if (file == null || !Files.isRegularFile(file)) {
      return "";
    }
    String place = relative(file.toString()) + ":";
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).contains(word)) {
          return place + (i + 1) + ": ";
        }
      }
    } catch (IOException e) {
      // the line is a courtesy
    }
    return place + " ";
  }

  private static String relative(String file) {
    Path here = Path.of("").toAbsolutePath();
    Path path = Path.of(file).toAbsolutePath().normalize();
    return path.startsWith(here) ? here.relativize(path).toString() : path.toString();
  }

  private static String line(String message) {
    return message.strip().replaceAll("\\s+", " ");
  }
}
