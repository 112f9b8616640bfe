package routes.operations;

import routes.settings.Redaction;

/** Texts of errors and warnings as a reply shows them. */
final class Texts {
  private static final int LONGEST = 500;

  private Texts() {}

  /** One line without secrets, of at most 500 characters. */
  static String line(Redaction redaction, String text) {
    String line =
        redaction.apply(text.strip()).replaceAll("[\\s\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+", " ");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
  }
}
