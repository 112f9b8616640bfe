package routes.log;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loops of this process: threads and timers that run as long as the process does. A failed loop
 * is logged and turns liveness DOWN, because nothing else would reveal it. If memory runs out, the
 * process exits at once, because any thread may fail next.
 */
public final class Loops {
  private static final Logger LOG = LoggerFactory.getLogger("loops");

  /** As with -XX:+ExitOnOutOfMemoryError. */
  private static final int OUT_OF_MEMORY = 3;

  private static final Map<String, String> FAILED = new ConcurrentSkipListMap<>();

  private Loops() {}

  /** Guards a complete loop. Restarting a loop under the same name clears its failure. */
  public static Runnable loop(String name, Runnable body) {
    return () -> {
      FAILED.remove(name);
      step(name, body).run();
    };
  }

  /** Guards one task of a loop that continues afterwards. */
  public static Runnable step(String name, Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (Throwable e) {
        failed(name, e);
      }
    };
  }

  /** Reports what escaped from a loop. */
  public static void failed(String name, Throwable why) {
    endIfOutOfMemory(why);
    if (why.toString().equals(FAILED.put(name, why.toString()))) {
      return; // already logged
    }
    StackTraceElement[] trace = why.getStackTrace();
    LOG.error(
        "{} failed: {}{}; restart the runtime",
        name,
        why,
        trace.length == 0 ? "" : " at " + trace[0],
        why);
  }

  /** The failed loops with their reasons. */
  public static Map<String, String> failed() {
    return FAILED;
  }

  /** Reports Errors that end unguarded threads, such as those of libraries. */
  public static void guardThreads() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, thrown) -> {
          if (thrown instanceof Error) {
            failed(thread.getName(), thrown);
          } else {
            LOG.error("thread {} ended: {}", thread.getName(), thrown.toString(), thrown);
          }
        });
  }

  /** Exits if memory ran out; Camel keeps such an Error in the exchange. */
  public static void endIfOutOfMemory(Throwable why) {
    for (Throwable cause = why; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        try {
          System.err.println("cloud-iot-routes: out of memory, exiting: " + cause.getMessage());
        } finally {
          Runtime.getRuntime().halt(OUT_OF_MEMORY);
        }
      }
    }
  }
}
