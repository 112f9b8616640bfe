package routes.bus;

import io.nats.client.support.Validator;

/** A subject of NATS that a route names. */
public final class Subject {
  private Subject() {}

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
          "topic: \"" + subject + "\" is no subject of NATS: " + e.getMessage());
    }
  }
}
