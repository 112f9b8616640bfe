package routes;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;

/**
 * Logs to standard output, one line an event. The environment's LOG_LEVEL (error, warn, info,
 * debug, trace) says how much; from debug on with stack traces. In code, since reading a
 * logback.xml takes 500 classes and 4 MB; one on the class path or named by
 * -Dlogback.configurationFile goes before it.
 */
@ConfiguratorRank(ConfiguratorRank.FALLBACK + 1)
public final class ConsoleLog extends ContextAwareBase implements Configurator {
  /** What libraries tell about themselves at each start. */
  private static final List<String> TALKATIVE =
      List.of(
          "org.apache.camel.main",
          "org.apache.camel.impl.engine.AbstractCamelContext",
          "org.apache.camel.impl.engine.DefaultShutdownStrategy",
          "org.apache.camel.component.platform.http");

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Level level = Level.toLevel(System.getenv("LOG_LEVEL"), Level.INFO);
    boolean detailed = !level.isGreaterOrEqual(Level.INFO);
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(
        "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5level %logger{0} - %msg%n"
            + (detailed ? "%ex" : "%nopex"));
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setEncoder(encoder);
    console.start();
    context.getLogger("ROOT").addAppender(console);
    context.getLogger("ROOT").setLevel(level);
    if (!detailed) {
      TALKATIVE.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
      // OSHI warns of each file in /proc that this kernel lacks
      context.getLogger("oshi").setLevel(Level.ERROR);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
