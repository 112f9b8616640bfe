package routes.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;

/** The settings that apply now, without secrets. */
public final class EffectiveSettings {
  private static final int LONGEST = 1000;

  /** Where a value comes from. */
  public enum Origin {
    /** application.properties. */
    DEFAULT,
    /** The settings file. */
    SETTINGS,
    /** An environment variable. */
    ENVIRONMENT,
    /** A file that the environment names, or one of systemd's credentials. */
    FILE,
    /** A command, or derived from the host or other settings. */
    RUNTIME
  }

  /**
   * A setting.
   *
   * @param value of at most 1000 characters; empty if it is unset or blank, {@value
   *     Redaction#HIDDEN} if it is a secret or the content of a file
   */
  public record Setting(String key, String value, Origin origin) {}

  private EffectiveSettings() {}

  /**
   * All settings, sorted by key.
   *
   * @param keys of settings in addition to those of application.properties and the settings file
   */
  public static List<Setting> of(Settings settings, Collection<String> keys) {
    Redaction redaction = Redaction.of(settings, keys);
    Properties packaged = KnownSettings.packaged();
    List<Setting> all = new ArrayList<>();
    for (String key : settings.keys(keys)) {
      Origin origin = settings.origin(key, packaged.getProperty(key, ""));
      all.add(new Setting(key, value(settings, key, origin, redaction), origin));
    }
    return all;
  }

  private static String value(Settings settings, String key, Origin origin, Redaction redaction) {
    String value;
    try {
      value = settings.find(key).orElse("");
    } catch (SettingException e) { // its file cannot be read any more
      return Redaction.HIDDEN;
    }
    boolean address = key.equals("nats.servers") && !value.contains("@");
    boolean hidden = SecretNames.matches(key) && !address || origin == Origin.FILE;
    if (value.isEmpty() || hidden) {
      return value.isEmpty() ? "" : Redaction.HIDDEN;
    }
    String text = redaction.apply(value);
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
  }
}
