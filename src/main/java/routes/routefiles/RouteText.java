package routes.routefiles;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** A route file's lines, to find where a word stands; without comments. */
record RouteText(List<String> lines) {
  private static final long LARGEST = 1024 * 1024;
  private static final Pattern COMMENT = Pattern.compile("(^|\\s)#(\\s|$).*");

  /**
   * The text of a route file.
   *
   * @throws IOException in words, for what can't be read or is none; a pipe would be waited for
   */
  public static String read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("it is no regular file");
    }
    if (Files.size(file) > LARGEST) {
      throw new IOException("it is larger than 1 MB");
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IOException("it is no text in UTF-8", e);
    } catch (IOException e) {
      throw new IOException("it can't be read: this user should be permitted to", e);
    }
  }

  /** No lines when the file can't be read: the place is a courtesy. */
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

  /** The first line with the word, from 1, below the first one with {@code after}; 0 if none. */
  public int line(String word, String after) {
    int start = after.isEmpty() ? 0 : Math.max(0, find(after, 0));
    int found = find(word, start);
    return (found < 0 ? find(word, 0) : found) + 1;
  }

  /** The first line with the word, from 1, not above {@code line}; 0 if none. */
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

  /** The key that a line's key belongs to, by their indentation; empty if none. */
  String parent(int line) {
    for (int i = line - 2; i >= 0 && line <= lines.size(); i--) {
      String text = lines.get(i);
      if (!text.isBlank() && indent(text) < indent(lines.get(line - 1))) {
        return text.strip().replaceFirst("^(- *)+", "").replaceFirst(":.*", "");
      }
    }
    return "";
  }

  /** Blanks and dashes: in a list, a key stands behind them. */
  private static int indent(String text) {
    int i = 0;
    while (i < text.length() && " -".indexOf(text.charAt(i)) >= 0) {
      i++;
    }
    return i;
  }
}
