package routes.bus;

import io.nats.client.support.Validator;

/** NATS subjects and patterns of them. */
public final class Subject {
  private Subject() {}

  /**
   * Whether a pattern matches every subject that another pattern, or a subject, stands for. Creates
   * no objects, because each message goes through here.
   */
  public static boolean covers(String pattern, String other) {
    int wide = 0;
    int narrow = 0;
    while (true) {
      int wideEnd = end(pattern, wide);
      int narrowEnd = end(other, narrow);
      if (is('>', pattern, wide, wideEnd)) {
        return true;
      }
      boolean any = is('*', pattern, wide, wideEnd) && !is('>', other, narrow, narrowEnd);
      int length = wideEnd - wide;
      boolean same =
          length == narrowEnd - narrow && pattern.regionMatches(wide, other, narrow, length);
      if (!any && !same) {
        return false;
      }
      if (wideEnd == pattern.length() || narrowEnd == other.length()) {
        return wideEnd == pattern.length() && narrowEnd == other.length();
      }
      wide = wideEnd + 1;
      narrow = narrowEnd + 1;
    }
  }

  private static int end(String subject, int start) {
    int dot = subject.indexOf('.', start);
    return dot < 0 ? subject.length() : dot;
  }

  private static boolean is(char wildcard, String subject, int start, int end) {
    return end == start + 1 && subject.charAt(start) == wildcard;
  }

  /**
   * Returns the subject.
   *
   * @throws IllegalArgumentException if the server would reject it
   */
  public static String check(String subject) {
    try {
      return Validator.validateSubject(subject, true);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "topic: \"" + subject + "\" is not a NATS subject: " + e.getMessage());
    }
  }
}
