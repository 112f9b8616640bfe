package routes.sample;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Selects names that are included but not excluded by two lists of patterns, in which {@code *}
 * stands for any characters. An empty include list includes everything.
 */
public final class NamePatterns implements Predicate<String> {
  private final Predicate<String> included;
  private final Predicate<String> excluded;

  public NamePatterns(List<String> include, List<String> exclude) {
    included = include.isEmpty() ? name -> true : anyOf(include);
    excluded = anyOf(exclude);
  }

  @Override
  public boolean test(String name) {
    return included.test(name) && !excluded.test(name);
  }

  private static Predicate<String> anyOf(List<String> patterns) {
    List<Pattern> regexes =
        patterns.stream().map(NamePatterns::compile).collect(Collectors.toList());
    return name -> regexes.stream().anyMatch(regex -> regex.matcher(name).matches());
  }

  private static Pattern compile(String pattern) {
    return Pattern.compile(
        Arrays.stream(pattern.split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*")),
        Pattern.DOTALL); // a mount point may have a line break
  }
}
