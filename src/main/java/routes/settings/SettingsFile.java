package routes.settings;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Ordered;
import org.apache.camel.spi.LoadablePropertiesSource;
import org.apache.camel.spi.PropertiesSource;

/**
 * Settings in a file of the device: Java properties in UTF-8, at most 1 MB. They override
 * application.properties, and environment variables override them. The file is the one that {@code
 * --settings} names, or else {@code /etc/cloud-iot-routes/settings.properties} if it exists. It is
 * read once.
 */
public final class SettingsFile implements LoadablePropertiesSource, Ordered {
  /**
   * The system property with the path of the file. {@code --settings} sets it, because the
   * arguments belong to the whole process, like its environment. /dev/null means no file.
   */
  public static final String PROPERTY = "cloud-iot-routes.settings";

  private static final Path USUAL = Path.of("/etc/cloud-iot-routes/settings.properties");
  private static final int LARGEST = 1 << 20;

  /** A backslash that Java would drop silently, together with the meaning of a password or path. */
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(?:[\\\\:=#! tnrf]|u[0-9a-fA-F]{4})|\\\\(.?)");

  private final Path path;
  private final Properties values = new Properties();

  /** The line of each key, from 1. */
  private final Map<String, Integer> lines = new LinkedHashMap<>();

  private SettingsFile(Path path) {
    this.path = path;
  }

  /** Makes the context look up every setting in this process's settings file, if there is one. */
  public static void useIn(CamelContext context) {
    String named = System.getProperty(PROPERTY);
    if (named == null ? Files.exists(USUAL) : !named.equals("/dev/null")) {
      context
          .getPropertiesComponent()
          .addPropertiesSource(read(named == null ? USUAL : Path.of(named)));
    }
  }

  /** The context's settings file. */
  public static Optional<SettingsFile> of(CamelContext context) {
    for (PropertiesSource source : context.getPropertiesComponent().getPropertiesSources()) {
      if (source instanceof SettingsFile file) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /**
   * @throws SettingException if the file cannot be read or contains an error
   */
  static SettingsFile read(Path path) {
    SettingsFile file = new SettingsFile(path);
    file.parse(file.text().split("\r\n|\r|\n", -1));
    return file;
  }

  private String text() {
    if (!Files.exists(path)) {
      throw new SettingException("--settings", "there is no file " + path.toAbsolutePath());
    }
    try {
      if (Files.size(path) > LARGEST) {
        throw wrong("is larger than 1 MB");
      }
      String text = Files.readString(path, UTF_8);
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (IOException e) {
      throw wrong("cannot be read; it must be a text file in UTF-8 that this user may read");
    }
  }

  private void parse(String[] text) {
    for (int next = 0; next < text.length; ) {
      int first = next;
      StringBuilder line = new StringBuilder(text[next++].stripLeading());
      if (line.isEmpty() || line.charAt(0) == '#' || line.charAt(0) == '!') {
        continue;
      }
      while (isContinued(line) && next < text.length) {
        line.setLength(line.length() - 1);
        line.append(text[next++].stripLeading());
      }
      put(line.toString(), first + 1);
    }
  }

  /** Whether a line ends in an odd number of backslashes. */
  private static boolean isContinued(CharSequence line) {
    int end = line.length();
    while (end > 0 && line.charAt(end - 1) == '\\') {
      end--;
    }
    return (line.length() - end) % 2 == 1;
  }

  private void put(String line, int number) {
    Matcher escape = ESCAPE.matcher(line);
    while (escape.find()) {
      if (escape.group(1) != null) {
        throw wrong(number, "unknown escape; write \\\\ for a backslash");
      }
    }
    if (!line.matches("(?s)(?:\\\\.|[^\\\\=:\\s])+\\s*[=:].*")) {
      throw wrong(number, "is not a setting; write key = value");
    }
    Properties one = new Properties();
    try {
      one.load(new StringReader(line));
    } catch (IOException e) {
      throw wrong(number, "cannot be read");
    }
    String key = one.stringPropertyNames().iterator().next();
    if (lines.containsKey(key)) {
      throw wrong(number, key + " is set in line " + lines.get(key) + " too; remove one");
    }
    lines.put(key, number);
    values.put(key, one.getProperty(key));
  }

  private SettingException wrong(int line, String problem) {
    return new SettingException(path.toAbsolutePath() + ":" + line, problem);
  }

  private SettingException wrong(String problem) {
    return new SettingException(path.toAbsolutePath().toString(), problem);
  }

  public Path path() {
    return path.toAbsolutePath();
  }

  /** The keys in the order of the file. */
  public Set<String> keys() {
    return lines.keySet();
  }

  /** {@code FILE:LINE: } of a setting that the environment does not override, or an empty text. */
  String place(String key, Map<String, String> environment) {
    return lines.containsKey(key)
            && !environment.containsKey(SecretFiles.variable(key))
            && !environment.containsKey(SecretFiles.file(key))
        ? path() + ":" + lines.get(key) + ": "
        : "";
  }

  /** A warning if other users can read secrets in this file. */
  public Optional<String> exposed() {
    String secrets =
        lines.keySet().stream().filter(this::holdsSecret).collect(Collectors.joining(", "));
    return secrets.isEmpty() || !othersCanRead()
        ? Optional.empty()
        : Optional.of(
            path() + ": other users can read this file, which contains " + secrets + "; chmod o-r");
  }

  private boolean holdsSecret(String key) {
    String value = values.getProperty(key);
    // an address without a token or password is no secret
    return Placeholders.isSecret(key)
        && !value.isBlank()
        && (!key.equals("nats.servers") || value.contains("@"));
  }

  private boolean othersCanRead() {
    try {
      return Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException e) {
      return false; // a file system without permissions
    }
  }

  @Override
  public String getName() {
    return path().toString();
  }

  @Override
  public String getProperty(String key) {
    return values.getProperty(key);
  }

  @Override
  public Properties loadProperties() {
    return values;
  }

  @Override
  public Properties loadProperties(Predicate<String> filter) {
    Properties chosen = new Properties();
    values.stringPropertyNames().stream()
        .filter(filter)
        .forEach(key -> chosen.put(key, values.getProperty(key)));
    return chosen;
  }

  @Override
  public void reloadProperties(String location) {}

  /** After secrets from files, before application.properties. */
  @Override
  public int getOrder() {
    return HIGHEST + 1;
  }
}
