package routes;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares permitted subjects with those in the trace of a nats-server. */
final class NatsPermissions {
  /** What a client or a leaf node sent: PUB, HPUB, SUB, LMSG or LS+. */
  private static final Pattern DONE = Pattern.compile("<<- \\[(H?PUB|SUB|LMSG|HMSG|LS\\+) (\\S+)");

  private NatsPermissions() {}

  /**
   * The subjects that clients have used so far.
   *
   * @param verb matches PUB, HPUB, SUB, and LMSG, HMSG and LS+ of leaf nodes
   */
  static Set<String> done(String log, String verb) {
    Set<String> subjects = new TreeSet<>();
    Matcher line = DONE.matcher(log);
    while (line.find()) {
      if (line.group(1).matches(verb)) {
        subjects.add(line.group(2));
      }
    }
    return subjects;
  }

  /** The quoted subjects between a text and the next bracket. */
  static List<String> list(String configuration, String start) {
    String list = configuration.substring(configuration.indexOf(start) + start.length());
    return Pattern.compile("\"([^\"]+)\"")
        .matcher(list.split("]")[0])
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  /** The permitted subjects that could be removed without effect. */
  static List<String> unused(List<String> allowed, Set<String> done) {
    List<String> unused = new ArrayList<>();
    for (String line : allowed) {
      boolean needed =
          done.stream()
              .anyMatch(
                  subject ->
                      matches(line, subject)
                          && allowed.stream()
                              .noneMatch(other -> !other.equals(line) && matches(other, subject)));
      if (!needed) {
        unused.add(line);
      }
    }
    return unused;
  }

  private static boolean matches(String permitted, String subject) {
    String pattern =
        Stream.of(permitted.split("\\."))
            .map(
                token ->
                    token.equals("*") ? "[^.]+" : token.equals(">") ? ".+" : Pattern.quote(token))
            .collect(Collectors.joining("\\."));
    return subject.matches(pattern);
  }
}
