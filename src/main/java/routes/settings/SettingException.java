package routes.settings;

/**
 * A mistake in the settings: the message is one line that names the key and says what it should
 * hold. It stops the start with exit code 1.
 */
public final class SettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 800;

  private final String key;

  /**
   * @param key the setting, as application.properties spells it
   * @param problem what is wrong and how to fix it; never the value of a secret
   */
  public SettingException(String key, String problem) {
    super(key + ": " + line(problem));
    this.key = key;
  }

  public String key() {
    return key;
  }

  /** A value that is quoted may be anything: without control characters, its middle left out. */
  private static String line(String problem) {
    String line = problem.replaceAll("\\p{Cc}+", " ");
    return line.length() <= LONGEST
        ? line
        : line.substring(0, LONGEST / 2) + "..." + line.substring(line.length() - LONGEST / 2);
  }
}
