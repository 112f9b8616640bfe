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
 * A Camel message about a word in a route file. In the texts, {@code $1} and {@code $2} are the
 * pattern's groups.
 *
 * @param pattern matches Camel's message
 * @param text our shorter message
 * @param word the word in the file at fault
 * @param after a word above it, or empty
 * @param lacks a word that is missing there, or empty
 * @param valid the valid words
 */
record KnownFault(
    Pattern pattern,
    String text,
    String word,
    String after,
    String lacks,
    BiFunction<KnownWords, MatchResult, Collection<String>> valid) {

  private static final BiFunction<KnownWords, MatchResult, Collection<String>> NONE =
      (words, found) -> List.of();

  /** The more specific first. */
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
              "unknown gateway $2; add it to gateways",
              "$2",
              "$1",
              (words, found) -> words.beans()),
          of(
              "Property with key \\[([^\\]]+)\\] not found",
              "unknown setting $1",
              (words, found) -> words.settings()),
          of(
              "Method with name: (\\w+) not found on bean: .*? of type: ([\\w.$]+)",
              "the bean has no method $1",
              (words, found) -> KnownWords.methods(found.group(2))),
          of(
              "could be found in the registry for: (\\S+)",
              "unknown bean $1",
              (words, found) -> words.beans()),
          of(
              "No endpoint could be found for: (\\w[\\w-]*)",
              "unknown component $1",
              (words, found) -> words.components()),
          of("Duplicate route ids detected: ([\\w-]+)", "duplicate route id $1", NONE),
          new KnownFault("(FromDefinition)\\..* is null", "a route has no from", "", "", NONE),
          new KnownFault("(Unable to parse resource): ", "contains no route", "", "", NONE),
          of("No language could be found for: (\\w+)", "language $1 is not in this build", NONE),
          of(
              "Unknown function: (\\w+)",
              "simple has no function $1",
              (words, found) -> KnownWords.functions()),
          new KnownFault("invalid jq: ([^\\n]+) in: ([^\\n]+)", "invalid jq: $1", "$2", "", NONE),
          new KnownFault(
              "(?:because: |\\n)([^\\n]{1,200}) at location \\d+\\n([^\\n]+)",
              "invalid expression: $1",
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
              Pattern.compile("(jetstream|batch|deadband|alert): the option ([\\w ]+) is missing"),
              "$1 needs the option $2",
              "uri: $1",
              "",
              "$2:",
              NONE),
          step("invalid value [^\\n]* for the option (\\w+);"),
          new KnownFault(
              "\\b(topic): (\"[^\\n]*\" (?:is not a NATS subject|has messages of)[^\\n]*)",
              "$1: $2",
              "$1",
              "",
              NONE),
          step("use either (\\w+) or"),
          step("(count) is"),
          new KnownFault(
              "\\b(alert|batch): (inFlight of [^\\n]+)", "$1: $2", "jetstream", "", NONE),
          new KnownFault("\\b(alert): (another [^\\n]+)", "$1: $2", "uri: $1", "", NONE),
          new KnownFault(
              "resolve endpoint: ([\\w-]+)[:?].*?Error binding property \\(([\\w.-]+)=",
              "invalid value for the $1 option $2",
              "$2",
              "$1",
              NONE),
          of("Error binding property \\(([\\w.-]+)=", "invalid value for $1", NONE));

  private KnownFault(
      String pattern,
      String text,
      String word,
      String after,
      BiFunction<KnownWords, MatchResult, Collection<String>> valid) {
    this(Pattern.compile("(?s)" + pattern), text, word, after, "", valid);
  }

  private static KnownFault of(
      String pattern, String text, BiFunction<KnownWords, MatchResult, Collection<String>> valid) {
    return new KnownFault(pattern, text, "$1", "", valid);
  }

  /**
   * A fault that an own component reports.
   *
   * @param text what it reports, with a group for the option
   */
  private static KnownFault step(String text) {
    String pattern = "\\b((jetstream|batch|deadband|alert): " + text + "[^\\n]*)";
    return new KnownFault(pattern, "$1", "$3", "uri: $2", NONE);
  }

  /** The first one that matches, with the groups filled in and a suggestion. */
  static Optional<KnownFault> in(String messages, KnownWords words) {
    for (KnownFault known : ALL) {
      Matcher found = known.pattern.matcher(messages);
      if (found.find()) {
        String word = fill(known.word, found);
        return Optional.of(
            new KnownFault(
                known.pattern,
                fill(known.text, found) + Nearest.hint(word, known.valid.apply(words, found)),
                word,
                fill(known.after, found),
                fill(known.lacks, found),
                known.valid));
      }
    }
    return Optional.empty();
  }

  private static String fill(String template, MatchResult found) {
    String text = template;
    for (int i = 1; i <= found.groupCount(); i++) {
      text = text.replace("$" + i, String.valueOf(found.group(i)));
    }
    return text;
  }
}
