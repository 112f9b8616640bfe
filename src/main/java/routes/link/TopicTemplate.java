package routes.link;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.settings.SettingException;
import routes.uplink.GatewaySettings;

/**
 * The telemetry topic as a setting defines it: {@code devices/{device}/{kind}}.
 *
 * @param text with the placeholders {@code {device}} and {@code {kind}}
 */
public record TopicTemplate(String text) {
  private static final int LONGEST = 65_535 - 256;
  private static final Pattern VARIABLE = Pattern.compile("\\{([^{}]*)}");

  /**
   * Reads the setting {@code topic} of an instance.
   *
   * @throws SettingException if it is not a topic to publish to
   */
  public static TopicTemplate read(GatewaySettings settings) {
    String text = settings.require("topic", "the telemetry topic, such as devices/{device}/{kind}");
    Matcher variable = VARIABLE.matcher(text);
    while (variable.find()) {
      if (!variable.group(1).matches("device|kind")) {
        throw wrong(
            settings, text, "has an unknown " + variable.group() + "; use {device} and {kind}");
      }
    }
    if (text.contains("+") || text.contains("#") || text.length() > LONGEST) {
      throw wrong(settings, text, "is not a topic to publish to; remove + and #");
    }
    return new TopicTemplate(text);
  }

  /** Creates an error for this setting. */
  public static SettingException wrong(GatewaySettings settings, String text, String problem) {
    return settings.wrong("topic", "\"" + text + "\" " + problem);
  }

  public String topic(String device, String kind) {
    return text.replace("{device}", device).replace("{kind}", kind);
  }
}
