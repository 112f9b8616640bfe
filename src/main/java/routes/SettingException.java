package routes;

/**
 * A mistake in the settings: the message is one line that names the key and says what it should
 * hold. It stops the start with exit code 1.
 */
public final class SettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param key the setting, as application.properties spells it
   * @param problem what is wrong and how to mend it; never the value of a secret
   */
  public SettingException(String key, String problem) {
    super(key + ": " + problem);
  }
}
