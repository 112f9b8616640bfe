package routes.routefiles;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** A route file's lines, to locate words outside comments. */
record RouteText(List<String> lines) {
  private static final long LARGEST = 1024 * 1024;
  private static final Pattern COMMENT = Pattern.compile("(^|\\s)#(\\s|$).*");

  /**
   * The text of a route file.
   *
   * @throws IOException with a readable message, if it is not a readable text file; reading a pipe
   *     would block
   */
  public static String read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("not a regular file");
    }
    if (Files.size(file) > LARGEST) {
      throw new IOException("larger than 1 MB");
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IOException("not UTF-8 text", e);
    } catch (IOException e) {
      throw new IOException("cannot be read; check its permissions", e);
    }
  }

  /** No lines if the file cannot be read. */
  public static RouteText of(Path file) {
    try {
      return new RouteText(Files.readAllLines(file));
    } catch (IOException e) {
      return new RouteText(List.of());
    }
  }

  List<String> withoutComments() {
    return lines.stream().map(line -> COMMENT.matcher(line).replaceAll("")).toList();
  }

  /** The first line with the word below the first one with {@code after}, from 1; 0 if none. */
  public int line(String word, String after) {
    int start = after.isEmpty() ? 0 : Math.max(0, find(after, 0));
    int found = find(word, start);
    return (found < 0 ? find(word, 0) : found) + 1;
  }

  /** The first line with the word at or below {@code line}, from 1; 0 if none. */
  int lineFrom(int line, String word) {
    return find(word, line - 1) + 1;
  }

  private int find(String word, int start) {
    if (word.isEmpty()) {
      return -1;
    }
    Pattern whole = Pattern.compile("(?<![\\w.-])" + Pattern.quote(word) + "(?![\\w-])");
    for (int i = start; i < lines.size(); i++) {
      if (whole.matcher(COMMENT.matcher(lines.get(i)).replaceAll("")).find()) {
        return i;
      }
    }
    return -1;
  }

  /** The parent of a line's key, by indentation; empty if none. */
  String parent(int line) {
    for (int i = line - 2; i >= 0 && line <= lines.size(); i--) {
      String text = lines.get(i);
      if (!text.isBlank() && indent(text) < indent(lines.get(line - 1))) {
        return text.strip().replaceFirst("^(- *)+", "").replaceFirst(":.*", "");
      }
    }
    return "";
  }

  /** Counts blanks and dashes, which precede a key in a list. */
  private static int indent(String text) {
    int i = 0;
    while (i < text.length() && " -".indexOf(text.charAt(i)) >= 0) {
      i++;
    }
    return i;
  }
}
