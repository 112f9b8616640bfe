package routes.settings;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.util.TimeUtils;

/**
 * The settings of application.properties and the environment as typed values. An invalid value
 * throws a {@link SettingException}.
 */
public final class Settings {
  /** Stricter than Camel's parser, which reads 5secs as 5 s and a bare 10 as 10 ms. */
  private static final Pattern TIME =
      Pattern.compile("(?=.)(\\d{1,9}d)?(\\d{1,9}h)?(\\d{1,9}m)?(\\d{1,9}s)?(\\d{1,9}ms)?");

  /** A hundred years; more than 292 years overflow a long of nanoseconds. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB)?");

  private static final String NO_CERTIFICATES = "routes.no-certificates";

  private final CamelContext context;
  private final Placeholders placeholders;

  public Settings(CamelContext context) {
    this.context = context;
    this.placeholders = Placeholders.of(context);
  }

  /** Settings for a process without routes, from the same file and environment. */
  public static Settings withoutRuntime() {
    Settings settings = withoutSecrets();
    SettingsFile.useIn(settings.context);
    SecretFiles.useIn(settings.context, System.getenv());
    return settings;
  }

  /** As {@link #withoutRuntime}, but reads no file that the environment names. */
  public static Settings withoutSecrets() {
    CamelContext context = new DefaultCamelContext(false);
    PropertiesComponent properties = context.getPropertiesComponent();
    properties.setLocation("classpath:application.properties");
    ServiceHelper.initService(properties);
    return new Settings(context);
  }

  /**
   * The value, without surrounding blanks unless it is a secret; empty if the key is unset or
   * blank.
   */
  public Optional<String> find(String key) {
    try {
      // Camel's resolveProperty would silently treat what it cannot resolve as unset.
      return Optional.ofNullable(context.resolvePropertyPlaceholders("{{?" + key + "}}"))
          .filter(value -> !value.isBlank())
          .map(value -> Placeholders.isSecret(key) ? value : value.strip());
    } catch (IllegalArgumentException e) {
      // Camel's message quotes the value.
      throw new SettingException(key, "refers to itself; remove {{" + key + "}}");
    }
  }

  /** Whether environment or settings file set the key, even to an empty value. */
  public boolean isSet(String key) {
    return System.getenv(SecretFiles.variable(key)) != null
        || System.getenv(SecretFiles.file(key)) != null
        || SettingsFile.of(context).filter(file -> file.keys().contains(key)).isPresent();
  }

  /** The keys of application.properties, of the settings file and these, sorted. */
  Set<String> keys(Collection<String> more) {
    Set<String> keys = new TreeSet<>(KnownSettings.keys());
    SettingsFile.of(context).ifPresent(file -> keys.addAll(file.keys()));
    keys.addAll(more);
    return keys;
  }

  /**
   * Where the value of a setting comes from.
   *
   * @param packaged its value in application.properties
   */
  EffectiveSettings.Origin origin(String key, String packaged) {
    Optional<SettingsFile> file =
        SettingsFile.of(context).filter(found -> found.keys().contains(key));
    String variable = System.getenv(SecretFiles.variable(key));
    if (SecretFiles.isFile(key, System.getenv())) {
      return EffectiveSettings.Origin.FILE;
    }
    String given =
        variable == null ? file.map(found -> found.getProperty(key)).orElse(packaged) : variable;
    if (placeholders.overrides(key, given)) {
      return EffectiveSettings.Origin.RUNTIME;
    }
    if (variable != null) {
      return EffectiveSettings.Origin.ENVIRONMENT;
    }
    return file.isPresent() ? EffectiveSettings.Origin.SETTINGS : EffectiveSettings.Origin.DEFAULT;
  }

  /**
   * Validates the files that the environment names for these keys.
   *
   * @throws SettingException if a file cannot be read, or if both a file and a value are set
   */
  public void checkFiles(Iterable<String> keys) {
    for (PropertiesSource source : context.getPropertiesComponent().getPropertiesSources()) {
      if (source instanceof SecretFiles files) {
        files.check(keys);
      }
    }
  }

  /** An error in one line; if the value is from the settings file, with its place there. */
  public String describe(SettingException wrong) {
    return SettingsFile.of(context).map(file -> file.place(wrong.key(), System.getenv())).orElse("")
        + wrong.getMessage();
  }

  /**
   * Overrides file and environment.
   *
   * @param value null to use file and environment again
   */
  public void override(String key, String value) {
    placeholders.override(key, value);
  }

  /** Adds values for keys that file, environment and application.properties leave out. */
  public void addDefaults(PropertiesSource defaults) {
    context.getPropertiesComponent().addPropertiesSource(defaults);
  }

  /**
   * @param should what the key should hold, as the end of the sentence "is not set; set it to"
   */
  public String require(String key, String should) {
    return find(key)
        .orElseThrow(() -> new SettingException(key, "is not set; set it to " + should));
  }

  /** The items of a comma-separated list, without blanks. */
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
          key,
          "\"%s\" has no unit; use %ss for seconds or %sm for minutes"
              .formatted(value, value, value));
    }
    Duration duration = time(value).orElse(Duration.ZERO);
    if (duration.compareTo(LONGEST) > 0) {
      throw new SettingException(key, "\"" + value + "\" must be at most 36500d");
    }
    if (duration.toMillis() > 0) {
      return duration;
    }
    throw new SettingException(
        key, "\"" + value + "\" is not a time; use a value such as 500ms, 10s, 5m or 1h");
  }

  /** Reads a time such as 500ms, 10s, 1h30m or 7d; empty if the text is none. */
  public static Optional<Duration> time(String text) {
    return TIME.matcher(text).matches()
        ? Optional.of(TimeUtils.toDuration(text))
        : Optional.empty();
  }

  /** A number of bytes such as 512KB, 256MB or 1GB (powers of 1024). */
  public long bytes(String key) {
    return bytes(key, require(key, "a size such as 256MB"));
  }

  /**
   * Reads a size such as 256MB.
   *
   * @param key the setting or option, for the error
   */
  public static long bytes(String key, String value) {
    Matcher size = SIZE.matcher(value.toUpperCase(Locale.ROOT));
    if (!size.matches()) {
      throw new SettingException(
          key, "\"" + value + "\" is not a size; use a value such as 512KB, 256MB or 1GB");
    }
    String unit = size.group(2) == null ? "B" : size.group(2);
    int shift = 10 * List.of("B", "KB", "MB", "GB").indexOf(unit);
    try {
      return Math.multiplyExact(Long.parseLong(size.group(1)), 1L << shift);
    } catch (ArithmeticException e) {
      throw new SettingException(key, "\"" + value + "\" is too large");
    }
  }

  public int integer(String key, int min, int max) {
    String range = "a number between " + min + " and " + max;
    String value = require(key, range);
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // same message as for a number out of range
    }
    throw new SettingException(key, "\"" + value + "\" must be " + range);
  }

  public String oneOf(String key, String... values) {
    String list = String.join(", ", values);
    String value = require(key, "one of " + list);
    if (!List.of(values).contains(value)) {
      throw new SettingException(key, "\"" + value + "\" must be one of " + list);
    }
    return value;
  }

  public boolean flag(String key) {
    String value = require(key, "true or false");
    if (!value.equals("true") && !value.equals("false")) {
      throw new SettingException(key, "\"" + value + "\" must be true or false");
    }
    return value.equals("true");
  }

  private static Path path(String key, String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new SettingException(key, "\"" + value + "\" is not a file name");
    }
  }

  /**
   * Resolves a folder and stores the result: a relative one that is not in the working directory is
   * beside the jar.
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

  /** Lets a runtime that never connects start without certificates. */
  public static void leaveCertificates(CamelContext context) {
    context.getGlobalOptions().put(NO_CERTIFICATES, "true");
  }

  /** Whether certificates are read, so that invalid ones are errors. */
  public boolean readsCertificates() {
    return context.getGlobalOption(NO_CERTIFICATES) == null;
  }

  /** A file that exists and can be read. */
  public Optional<Path> file(String key) {
    // A file among systemd's credentials is the certificate or key itself.
    Optional<String> credential = SecretFiles.credential(key, System.getenv()).map(Path::toString);
    return credential
        .or(() -> find(key))
        .map(
            value -> {
              Path path = path(key, value);
              if (!Files.isRegularFile(path)) {
                throw new SettingException(key, "there is no file " + path.toAbsolutePath());
              }
              if (!Files.isReadable(path)) {
                throw new SettingException(
                    key,
                    "the file " + path.toAbsolutePath() + " cannot be read; fix its permissions");
              }
              return path;
            });
  }
}
