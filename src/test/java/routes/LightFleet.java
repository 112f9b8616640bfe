package routes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many {@link LightDevice}s, a few of which start or stop at a time. */
public final class LightFleet implements AutoCloseable {
  private final ExecutorService threads =
      Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
  private final LightCheck check = new LightCheck();
  private final List<LightDevice> devices = new ArrayList<>();

  /** As EdgeRuntime does it, before the first logger. */
  public static void prepareProcess() {
    EdgeRuntime.prepareProcess();
  }

  /** Calls the action at SIGTERM, SIGINT and SIGHUP, instead of ending the process. */
  public static void onSignal(Runnable action) {
    Signals.onStop(action);
  }

  /**
   * Starts one device per map, and returns when all have started.
   *
   * @param settings of each
   */
  public void start(List<Map<String, String>> settings) throws Exception {
    List<Future<?>> started = new ArrayList<>();
    synchronized (devices) {
      for (Map<String, String> each : settings) {
        LightDevice device = new LightDevice(each, check);
        devices.add(device);
        started.add(threads.submit(device::start, null));
      }
    }
    for (Future<?> each : started) {
      each.get();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    synchronized (devices) {
      devices.parallelStream().forEach(LightDevice::close);
      devices.clear();
    }
  }
}
