package routes.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word closest to a misspelt one. */
public final class Nearest {
  private Nearest() {}

  /** The nearest word, if at most a third of its letters differ; case counts little. */
  static Optional<String> to(String word, Collection<String> words) {
    return to(word, words, Math.max(1, word.length() / 3));
  }

  /**
   * @param limit how many letters may differ
   */
  public static Optional<String> to(String word, Collection<String> words, int limit) {
    return words.stream()
        .filter(candidate -> Math.abs(candidate.length() - word.length()) <= limit)
        .filter(candidate -> distance(lower(word), lower(candidate)) <= limit)
        .min(
            Comparator.<String>comparingInt(candidate -> distance(lower(word), lower(candidate)))
                .thenComparingInt(candidate -> distance(word, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** A suggestion to append to a message, or an empty text. */
  public static String hint(String word, Collection<String> words) {
    return to(word, words).map(near -> "; did you mean " + near + "?").orElse("");
  }

  private static String lower(String word) {
    return word.toLowerCase(Locale.ROOT);
  }

  /** The number of insertions, deletions, substitutions and transpositions (Damerau, OSA). */
  static int distance(String from, String to) {
    int[] before = new int[to.length() + 1];
    int[] above = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] row = new int[to.length() + 1];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        row[j] = Math.min(above[j - 1] + (same ? 0 : 1), Math.min(above[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      before = above;
      above = row;
    }
    return above[to.length()];
  }
}
