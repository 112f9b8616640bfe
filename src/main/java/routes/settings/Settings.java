package routes.settings;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.util.TimeUtils;

/**
 * The settings of application.properties, as the environment overrides them, turned into values.
 * What can't be read throws a {@link SettingException}.
 */
public final class Settings {
  /** Stricter than Camel's parser, which reads 5secs as 5 s and a bare 10 as 10 ms. */
  private static final Pattern TIME =
      Pattern.compile("(?=.)(\\d{1,9}d)?(\\d{1,9}h)?(\\d{1,9}m)?(\\d{1,9}s)?(\\d{1,9}ms)?");

  /** A hundred years: some 290 of them no longer fit into a long of nanoseconds. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB)?");

  private final CamelContext context;
  private final Placeholders placeholders;

  public Settings(CamelContext context) {
    this.context = context;
    this.placeholders = Placeholders.of(context);
  }

  /** Those of a process that starts no route: the same file, the same environment. */
  public static Settings withoutRuntime() {
    CamelContext context = new DefaultCamelContext(false);
    PropertiesComponent properties = context.getPropertiesComponent();
    properties.setLocation("classpath:application.properties");
    ServiceHelper.initService(properties);
    SecretFiles.useIn(context, System.getenv());
    return new Settings(context);
  }

  /**
   * The value, without surrounding blanks unless it is a secret; empty when the key is unset or
   * blank.
   */
  public Optional<String> find(String key) {
    try {
      // Without a word, Camel's resolveProperty takes what it can't resolve for unset.
      return Optional.ofNullable(context.resolvePropertyPlaceholders("{{?" + key + "}}"))
          .filter(value -> !value.isBlank())
          .map(value -> Placeholders.isSecret(key) ? value : value.strip());
    } catch (IllegalArgumentException e) {
      // Camel's message quotes the value.
      throw new SettingException(key, "refers to itself: leave out {{" + key + "}}");
    }
  }

  /**
   * Looks at the files that the environment names for these keys.
   *
   * @throws SettingException if a file cannot be read, or is named beside the value itself
   */
  public void checkFiles(Iterable<String> keys) {
    for (PropertiesSource source : context.getPropertiesComponent().getPropertiesSources()) {
      if (source instanceof SecretFiles files) {
        files.check(keys);
      }
    }
  }

  /** Sets a key over file and environment, until the process ends. */
  public void override(String key, String value) {
    placeholders.override(key, value);
  }

  /**
   * @param should what the key should hold, as the end of the sentence "is not set: it should be"
   */
  public String require(String key, String should) {
    return find(key)
        .orElseThrow(() -> new SettingException(key, "is not set: it should be " + should));
  }

  /** The items of a comma list, without blanks. */
  public List<String> list(String key) {
    List<String> items = new ArrayList<>();
    for (String item : find(key).orElse("").split(",")) {
      if (!item.isBlank()) {
        items.add(item.strip());
      }
    }
    return items;
  }

  /** A time such as 500ms, 10s, 1h30m or 7d; never without a unit. */
  public Duration duration(String key) {
    String value = require(key, "a time such as 10s, 5m or 1h");
    if (value.matches("[1-9]\\d{0,8}")) {
      throw new SettingException(
          key, "\"%s\" has no unit: %ss are seconds, %sm minutes".formatted(value, value, value));
    }
    if (TIME.matcher(value).matches()) {
      Duration duration = TimeUtils.toDuration(value);
      if (duration.compareTo(LONGEST) > 0) {
        throw new SettingException(key, "\"" + value + "\" should be 36500d at most");
      }
      if (duration.toMillis() > 0) {
        return duration;
      }
    }
    throw new SettingException(
        key, "\"" + value + "\" is no time: it should be one such as 500ms, 10s, 5m or 1h");
  }

  /** A number of bytes such as 512KB, 256MB or 1GB (powers of 1024). */
  public long bytes(String key) {
    String value = require(key, "a size such as 256MB");
    Matcher size = SIZE.matcher(value.toUpperCase(Locale.ROOT));
    if (!size.matches()) {
      throw new SettingException(
          key, "\"" + value + "\" is no size: it should be one such as 512KB, 256MB or 1GB");
    }
    String unit = size.group(2) == null ? "B" : size.group(2);
    int shift = 10 * List.of("B", "KB", "MB", "GB").indexOf(unit);
    try {
      return Math.multiplyExact(Long.parseLong(size.group(1)), 1L << shift);
    } catch (ArithmeticException e) {
      throw new SettingException(key, "\"" + value + "\" is more than any disk holds");
    }
  }

  public int integer(String key, int min, int max) {
    String value = require(key, "a number from " + min + " to " + max);
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message
    }
    throw new SettingException(
        key, "\"" + value + "\" should be a number from " + min + " to " + max);
  }

  public boolean flag(String key) {
    String value = require(key, "true or false");
    if (!value.equals("true") && !value.equals("false")) {
      throw new SettingException(key, "\"" + value + "\" should be true or false");
    }
    return value.equals("true");
  }

  private static Path path(String key, String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new SettingException(key, "\"" + value + "\" is no file's name");
    }
  }

  /**
   * Resolves a folder, for all who ask for the key from now on: a relative one that is not in the
   * working directory is beside the jar.
   *
   * @param should what the key should hold
   */
  public void resolveFolder(String key, String should) {
    Path named = path(key, require(key, should));
    Path found = Folders.find(named);
    if (!found.equals(named)) {
      override(key, found.toString());
    }
  }

  /** A file that exists and can be read. */
  public Optional<Path> file(String key) {
    return find(key)
        .map(
            value -> {
              Path path = path(key, value);
              if (!Files.isRegularFile(path)) {
                throw new SettingException(key, "there is no file " + path.toAbsolutePath());
              }
              if (!Files.isReadable(path)) {
                throw new SettingException(
                    key,
                    "the file " + path.toAbsolutePath() + " cannot be read: fix its permissions");
              }
              return path;
            });
  }
}
