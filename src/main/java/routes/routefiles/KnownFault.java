package routes.routefiles;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.settings.Nearest;

/**
 * A message of Camel's about a word in a route file. In the texts {@code $1} and {@code $2} stand
 * for the pattern's groups.
 *
 * @param pattern what Camel says
 * @param says a shorter way to say it
 * @param word what stands in the file at fault
 * @param after what stands above it there, or an empty text
 * @param lacks what doesn't stand there, or an empty text
 * @param right the words that would be right
 */
record KnownFault(
    Pattern pattern,
    String says,
    String word,
    String after,
    String lacks,
    BiFunction<KnownWords, MatchResult, Collection<String>> right) {

  private static final BiFunction<KnownWords, MatchResult, Collection<String>> NONE =
      (words, found) -> List.of();

  /** The more exact first. */
  private static final List<KnownFault> ALL =
      List.of(
          new KnownFault(
              "resolve endpoint: ([\\w-]+)[:?].*?Unknown parameters=\\[\\{([\\w.-]+)=",
              "$1 has no option $2",
              "$2",
              "$1",
              (words, found) -> words.options(found.group(1))),
          new KnownFault(
              "Error binding property \\((uplink)=#?([\\w-]+)",
              "unknown gateway $2: gateways does not name it",
              "$2",
              "$1",
              (words, found) -> words.beans()),
          of(
              "Property with key \\[([^\\]]+)\\] not found",
              "there is no setting $1",
              (words, found) -> words.settings()),
          of(
              "Method with name: (\\w+) not found on bean: .*? of type: ([\\w.$]+)",
              "the bean has no method $1",
              (words, found) -> KnownWords.methods(found.group(2))),
          of(
              "could be found in the registry for: (\\S+)",
              "there is no bean $1",
              (words, found) -> words.beans()),
          of(
              "No endpoint could be found for: (\\w[\\w-]*)",
              "there is no component $1",
              (words, found) -> words.components()),
          of("Duplicate route ids detected: ([\\w-]+)", "two routes have the id $1", NONE),
          new KnownFault(
              "(FromDefinition)\\..* is null", "a route in it has no from", "", "", NONE),
          new KnownFault("(Unable to parse resource): ", "no route is in it", "", "", NONE),
          of(
              "No language could be found for: (\\w+)",
              "there is no language $1 in this build",
              NONE),
          of(
              "Unknown function: (\\w+)",
              "simple has no function $1",
              (words, found) -> KnownWords.functions()),
          new KnownFault(
              "(?:because: |\\n)([^\\n]{1,200}) at location \\d+\\n([^\\n]+)",
              "the expression can't be read: $1",
              "$2",
              "",
              NONE),
          new KnownFault(
              Pattern.compile("Option (\\w+) is required .* with syntax ([\\w-]+):"),
              "$2 needs the option $1",
              "uri: $2",
              "",
              "$1:",
              NONE),
          new KnownFault(
              Pattern.compile("(jetstream): the option (\\w+) is missing"),
              "$1 needs the option $2",
              "uri: $1",
              "",
              "$2:",
              NONE),
          new KnownFault(
              "resolve endpoint: ([\\w-]+)[:?].*?Error binding property \\(([\\w.-]+)=",
              "the value of $1's option $2 is wrong",
              "$2",
              "$1",
              NONE),
          of("Error binding property \\(([\\w.-]+)=", "the value of $1 is wrong", NONE));

  private KnownFault(
      String pattern,
      String says,
      String word,
      String after,
      BiFunction<KnownWords, MatchResult, Collection<String>> right) {
    this(Pattern.compile("(?s)" + pattern), says, word, after, "", right);
  }

  private static KnownFault of(
      String pattern, String says, BiFunction<KnownWords, MatchResult, Collection<String>> right) {
    return new KnownFault(pattern, says, "$1", "", right);
  }

  /** With the texts filled in, and the word that was meant. */
  static Optional<KnownFault> in(String messages, KnownWords words) {
    for (KnownFault known : ALL) {
      Matcher found = known.pattern.matcher(messages);
      if (found.find()) {
        String word = fill(known.word, found);
        return Optional.of(
            new KnownFault(
                known.pattern,
                fill(known.says, found) + Nearest.hint(word, known.right.apply(words, found)),
                word,
                fill(known.after, found),
                fill(known.lacks, found),
                known.right));
      }
    }
    return Optional.empty();
  }

  private static String fill(String template, MatchResult found) {
    String text = template.replace("$1", found.group(1));
    return text.contains("$2") ? text.replace("$2", found.group(2)) : text;
  }
}
