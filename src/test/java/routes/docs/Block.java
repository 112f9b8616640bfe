package routes.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A fenced block of a page.
 *
 * @param line the line on which the block begins, from 1
 * @param language the language after the fence; empty for output
 * @param marks the HTML comments directly above, such as {@code not run: needs Docker}
 * @param output the block without a language that follows, or nothing
 */
record Block(
    Path page, int line, String language, List<String> marks, String text, List<String> output) {
  private static final String FENCE = "```";

  static List<Block> of(Path page) throws IOException {
    List<Block> blocks = new ArrayList<>();
    List<String> marks = new ArrayList<>();
    List<String> lines = Files.readAllLines(page);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.matches("<!-- .* -->")) {
        marks.add(line.substring("<!-- ".length(), line.length() - " -->".length()));
      } else if (line.startsWith(FENCE)) {
        int end = end(lines, i);
        blocks.add(
            new Block(
                page,
                i + 1,
                line.substring(FENCE.length()),
                List.copyOf(marks),
                String.join("\n", lines.subList(i + 1, end)) + "\n",
                output(lines, end)));
        marks.clear();
        i = end;
      } else {
        marks.clear();
      }
    }
    return blocks;
  }

  private static int end(List<String> lines, int begin) {
    int end = begin + 1;
    while (!lines.get(end).equals(FENCE)) {
      end++;
    }
    return end;
  }

  /** The output block that follows a block ending at this line. */
  private static List<String> output(List<String> lines, int end) {
    int begin = end + 1;
    while (begin < lines.size() && lines.get(begin).isEmpty()) {
      begin++;
    }
    return begin < lines.size() && lines.get(begin).equals(FENCE)
        ? List.copyOf(lines.subList(begin + 1, end(lines, begin)))
        : List.of();
  }

  String name() {
    return page + ":" + line;
  }

  /** The text after the colon of this mark. */
  Optional<String> mark(String name) {
    return marks.stream()
        .filter(mark -> mark.startsWith(name + ": "))
        .map(mark -> mark.substring(name.length() + 2))
        .findFirst();
  }

  boolean runsUntilStopped() {
    return marks.contains("until Ctrl-C");
  }
}
