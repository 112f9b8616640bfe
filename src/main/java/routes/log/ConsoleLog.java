package routes.log;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import routes.settings.Placeholders;

/**
 * Configures the JDK's logging, which SLF4J passes events to. The environment variable LOG_LEVEL
 * (error, warn, info, debug, trace) sets the level; debug and trace add stack traces. The JDK's
 * LogManager creates this class when the first logger is created; another configuration, named by
 * -Djava.util.logging.config.file, takes precedence.
 */
public final class ConsoleLog {
  /** Libraries that log their own details at each start. */
  public static final List<String> VERBOSE =
      List.of(
          "org.apache.camel.main",
          "org.apache.camel.impl.engine.AbstractCamelContext",
          "org.apache.camel.impl.engine.DefaultShutdownStrategy",
          "org.apache.camel.impl.engine.DefaultSupervisingRouteController$RouteManager",
          "org.apache.camel.component.platform.http");

  /** Classes that log the value of each setting in detail, passwords included. */
  public static final List<String> SECRETIVE =
      List.of(
          "org.apache.camel.component.properties",
          "org.apache.camel.impl.engine.DefaultCamelContextExtension",
          Placeholders.class.getName());

  /** The JDK's own loggers, which log the headers of requests in detail. */
  private static final List<String> JDK = List.of("java", "javax", "jdk", "sun");

  private static final Map<String, Level> LEVELS =
      Map.of(
          "ERROR", Level.SEVERE,
          "WARN", Level.WARNING,
          "INFO", Level.INFO,
          "DEBUG", Level.FINE,
          "TRACE", Level.FINEST);

  /** For the JDK's LogManager, which creates an object to have the log configured. */
  public ConsoleLog() throws IOException {
    StringBuilder text = new StringBuilder();
    configuration(System.getenv("LOG_LEVEL"))
        .forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    LogManager.getLogManager()
        .readConfiguration(
            new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.ISO_8859_1)));
  }

  /**
   * Selects this configuration, unless another one is selected. Call it before the first logger.
   */
  public static void select() {
    if (System.getProperty("java.util.logging.config.file") == null) {
      System.getProperties()
          .putIfAbsent("java.util.logging.config.class", ConsoleLog.class.getName());
    }
  }

  /** Silences the loggers with matching names, unless LOG_LEVEL is debug or trace. */
  public static void hush(Predicate<String> names) {
    if (!Logger.getLogger("").isLoggable(Level.FINE)) {
      ConsoleLines.hush(names);
    }
  }

  /** The levels as LogManager reads them; a level in its properties outlives unused loggers. */
  static Properties configuration(String level) {
    Level root =
        LEVELS.getOrDefault(
            level == null ? "" : level.strip().toUpperCase(Locale.ROOT), Level.INFO);
    Properties properties = new Properties();
    properties.setProperty(
        "handlers", ConsoleLines.class.getName() + "," + RecentWarnings.class.getName());
    properties.setProperty(".level", root.getName());
    if (root.intValue() < Level.INFO.intValue()) {
      SECRETIVE.forEach(name -> set(properties, name, Level.INFO));
      JDK.forEach(name -> set(properties, name, Level.INFO));
    } else {
      VERBOSE.forEach(name -> set(properties, name, Level.WARNING));
      // OSHI warns about each file in /proc that this kernel lacks
      set(properties, "oshi", Level.SEVERE);
      // Vert.x logs each malformed request, without its content
      set(properties, "io.vertx.ext.web.RoutingContext", Level.OFF);
    }
    return properties;
  }

  private static void set(Properties properties, String name, Level level) {
    properties.setProperty(name + ".level", level.getName());
  }
}
