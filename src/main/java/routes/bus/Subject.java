package routes.bus;

import io.nats.client.support.Validator;

/** NATS subjects and patterns of them. */
public final class Subject {
  private Subject() {}

  /** Whether a pattern matches every subject that another pattern, or a subject, stands for. */
  public static boolean covers(String pattern, String other) {
    String[] wide = pattern.split("\\.");
    String[] narrow = other.split("\\.");
    for (int i = 0; i < wide.length; i++) {
      if (i == narrow.length) {
        return false;
      }
      if (wide[i].equals(">")) {
        return true;
      }
      boolean any = wide[i].equals("*") && !narrow[i].equals(">");
      if (!any && !wide[i].equals(narrow[i])) {
        return false;
      }
    }
    return wide.length == narrow.length;
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
