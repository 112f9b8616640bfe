package routes.sandbox;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** How to stop what a sandbox has started; the last one is stopped first. */
public final class Stops {
  private final Deque<Runnable> stops = new ArrayDeque<>();
  private volatile boolean stopping;

  /** Registers how to stop something; after {@link #stop()}, it is stopped at once. */
  public void add(Runnable stop) {
    synchronized (stops) {
      if (stopping) {
        stop.run();
      } else {
        stops.push(stop);
      }
    }
  }

  /** Starts a process, which is stopped with SIGTERM, and with SIGKILL 60 s later. */
  Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.redirectErrorStream(true).start();
    add(
        () -> {
          process.destroy();
          if (process.onExit().completeOnTimeout(null, 60, TimeUnit.SECONDS).join() == null) {
            process.destroyForcibly().onExit().join();
          }
        });
    return process;
  }

  public boolean stopping() {
    return stopping;
  }

  public void stop() {
    synchronized (stops) {
      stopping = true;
      stops.forEach(Runnable::run);
      stops.clear();
    }
  }
}
