package routes.log;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loops of this process: threads and timers that run as long as the process does. A loop that
 * has failed is logged and turns liveness DOWN, because nothing else would show that it is missing.
 * For lack of memory the process ends at once: any thread may be the next.
 */
public final class Loops {
  private static final Logger LOG = LoggerFactory.getLogger("loops");

  /** As with -XX:+ExitOnOutOfMemoryError. */
  private static final int OUT_OF_MEMORY = 3;

  private static final Map<String, String> FAILED = new ConcurrentSkipListMap<>();

  private Loops() {}

  /** The whole life of a loop. One that starts again under the same name is alive again. */
  public static Runnable loop(String name, Runnable body) {
    return () -> {
      FAILED.remove(name);
      step(name, body).run();
    };
  }

  /** One task of a loop that goes on after it. */
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
      return; // logged
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

  /** Reports the Errors that end threads which nobody guards, such as those of libraries. */
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

  /** Ends the process if memory ran out; Camel keeps such an Error in the exchange. */
  public static void endIfOutOfMemory(Throwable why) {
    for (Throwable cause = why; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        try {
          System.err.println("cloud-iot-routes: out of memory, ending: " + cause.getMessage());
        } finally {
          Runtime.getRuntime().halt(OUT_OF_MEMORY);
        }
      }
    }
  }
}
