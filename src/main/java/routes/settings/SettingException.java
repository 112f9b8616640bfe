package routes.settings;

/**
 * An invalid setting. The message names the key and the fix in one line. At startup, the runtime
 * exits with code 1.
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

  /** A quoted value may be anything: removes control characters and shortens the middle. */
  private static String line(String problem) {
    String line = problem.replaceAll("\\p{Cc}+", " ");
    return line.length() <= LONGEST
        ? line
        : line.substring(0, LONGEST / 2) + "..." + line.substring(line.length() - LONGEST / 2);
  }
}
