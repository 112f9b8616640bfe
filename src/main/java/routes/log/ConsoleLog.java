package routes.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.spi.FilterReply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import routes.settings.Placeholders;

/**
 * Logs to standard output, one line an event, of 2000 characters at most, whatever it repeats. The
 * environment's LOG_LEVEL (error, warn, info, debug, trace) says how much; from debug on with stack
 * traces. In code, since reading a logback.xml takes 500 classes and 4 MB; one on the class path or
 * named by -Dlogback.configurationFile goes before it.
 */
@ConfiguratorRank(ConfiguratorRank.FALLBACK + 1)
public final class ConsoleLog extends ContextAwareBase implements Configurator {
  /** Libraries that log about themselves at each start. */
  public static final List<String> VERBOSE =
      List.of(
          "org.apache.camel.main",
          "org.apache.camel.impl.engine.AbstractCamelContext",
          "org.apache.camel.impl.engine.DefaultShutdownStrategy",
          "org.apache.camel.component.platform.http");

  /** Classes that log the value of each setting in detail, passwords included. */
  public static final List<String> SECRETIVE =
      List.of(
          "org.apache.camel.component.properties",
          "org.apache.camel.impl.engine.DefaultCamelContextExtension",
          Placeholders.class.getName());

  /** Silences the loggers with such names from now on, unless LOG_LEVEL asks for details. */
  public static void hush(Predicate<String> names) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && !context.getLogger("ROOT").isDebugEnabled()) {
      context.addTurboFilter(
          new TurboFilter() {
            @Override
            public FilterReply decide(
                Marker marker,
                Logger logger,
                Level level,
                String text,
                Object[] values,
                Throwable e) {
              return names.test(logger.getName()) ? FilterReply.DENY : FilterReply.NEUTRAL;
            }
          });
    }
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Level level = Level.toLevel(System.getenv("LOG_LEVEL"), Level.INFO);
    boolean detailed = !level.isGreaterOrEqual(Level.INFO);
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8); // names in it may be in any language
    encoder.setPattern(
        "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5level %logger{0} - %replace(%.-2000msg){'\\p{Cntrl}+',' '}%n"
            + (detailed ? "%ex" : "%nopex"));
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setEncoder(encoder);
    console.start();
    context.getLogger("ROOT").addAppender(console);
    context.getLogger("ROOT").setLevel(level);
    SECRETIVE.forEach(name -> context.getLogger(name).setLevel(Level.INFO));
    if (!detailed) {
      VERBOSE.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
      // OSHI warns of each file in /proc that this kernel lacks
      context.getLogger("oshi").setLevel(Level.ERROR);
      // Vert.x logs each malformed request, without what it was
      context.getLogger("io.vertx.ext.web.RoutingContext").setLevel(Level.OFF);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
