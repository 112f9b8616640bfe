package routes.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics and labels that a PromQL expression names, and those that the scrape lacks. */
final class Query {
  private static final Pattern CLAUSE =
      Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
  private static final Pattern SELECTOR =
      Pattern.compile("([a-zA-Z_]\\w*)\\s*(?:\\{([^}]*)}|(?=[\\[\\s)]|$))");
  private static final Pattern MATCHER =
      Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Set<String> KEYWORDS =
      Set.of("and", "or", "unless", "bool", "offset", "sum", "min", "max", "avg", "count");

  private final Set<String> metrics = new TreeSet<>();
  private final List<String> missing = new ArrayList<>();

  /**
   * @param also labels that a legend or a text shows
   */
  private Query(String expression, Set<String> also, Scrape scrape) {
    Set<String> labels = new TreeSet<>(also);
    for (Matcher clause = CLAUSE.matcher(expression); clause.find(); ) {
      labels.addAll(List.of(clause.group(1).split("\\s*,\\s*")));
    }
    Matcher selector = SELECTOR.matcher(CLAUSE.matcher(expression).replaceAll(" "));
    while (selector.find()) {
      if (!KEYWORDS.contains(selector.group(1))) {
        check(selector.group(1), selector.group(2), scrape);
      }
    }
    for (String label : labels) {
      if (metrics.stream().noneMatch(metric -> scrape.has(metric, label))) {
        missing.add(label);
      }
    }
    if (metrics.isEmpty()) {
      missing.add("a metric in " + expression);
    }
  }

  private void check(String metric, String matchers, Scrape scrape) {
    metrics.add(metric);
    if (!scrape.has(metric)) {
      missing.add(metric);
    }
    for (Matcher m = MATCHER.matcher(matchers == null ? "" : matchers); m.find(); ) {
      boolean exact = m.group(2).equals("=") || m.group(2).equals("!=");
      if (!scrape.has(metric, m.group(1)) || exact && !scrape.has(metric, m.group(1), m.group(3))) {
        missing.add(metric + "{" + m.group() + "}");
      }
    }
  }

  /** What the scrape lacks: metrics, matchers with their metric, and labels. */
  static List<String> missing(String expression, Set<String> labels, Scrape scrape) {
    return new Query(expression, labels, scrape).missing;
  }
}
