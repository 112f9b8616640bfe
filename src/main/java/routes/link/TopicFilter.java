package routes.link;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Topic filters with the wildcards + and # (MQTT 5, 4.7). */
final class TopicFilter {
  private static final int LONGEST = 65_535;
  private static final String SHARED = "$share/";

  private TopicFilter() {}

  /**
   * Splits the filters of an endpoint at blanks.
   *
   * @throws IllegalArgumentException for the first one that is invalid
   */
  static List<String> split(String filters) {
    List<String> all = List.of(filters.strip().split("\\s+"));
    all.forEach(TopicFilter::check);
    return all;
  }

  /**
   * Checks a topic to publish to.
   *
   * @throws IllegalArgumentException if it has a wildcard (MQTT 5, 3.3.2-2)
   */
  static void checkName(String topic) {
    if (topic.contains("+") || topic.contains("#")) {
      throw new IllegalArgumentException(
          "topic: cannot publish to \"" + topic + "\"; use a topic without the wildcards + and #");
    }
  }

  private static void check(String filter) {
    String levels = filter.startsWith(SHARED) ? levels(filter) : filter;
    String problem = null;
    if (levels.isEmpty()) {
      problem = "it is empty";
    } else if (filter.indexOf('\0') >= 0) {
      problem = "it contains a NUL";
    } else if (filter.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      problem = "it is longer than " + LONGEST + " bytes";
    } else if (levels.matches("(?s).*(#.+|[^/]#)")) {
      problem = "# must be the last level";
    } else if (levels.matches("(?s).*([^/]\\+|\\+[^/]).*")) {
      problem = "+ must be a whole level";
    }
    if (problem != null) {
      String shown = filter.length() > 100 ? filter.substring(0, 100) + "..." : filter;
      throw new IllegalArgumentException("invalid topic filter \"" + shown + "\": " + problem);
    }
  }

  /** The filter that follows the group of a shared subscription (MQTT 5, 4.8.2). */
  private static String levels(String shared) {
    String[] parts = shared.split("/", 3);
    return parts.length < 3 || parts[1].isEmpty() ? "" : parts[2];
  }

  static boolean matches(String filter, String topic) {
    String[] wanted = (filter.startsWith(SHARED) ? levels(filter) : filter).split("/", -1);
    String[] levels = topic.split("/", -1);
    if (topic.startsWith("$") && (wanted[0].equals("#") || wanted[0].equals("+"))) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals("#")) {
        return true;
      }
      if (i >= levels.length || !(wanted[i].equals("+") || wanted[i].equals(levels[i]))) {
        return false;
      }
    }
    return wanted.length == levels.length;
  }
}
