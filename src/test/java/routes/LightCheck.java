package routes;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import routes.bundles.CheckRun;

/**
 * The commands check and test in this process, a few at a time. A process for each would take 3 s
 * of a processor.
 */
final class LightCheck {
  private final Semaphore turns = new Semaphore(Runtime.getRuntime().availableProcessors(), true);

  /**
   * @param device the settings of the device, as a process would get them from its environment
   */
  CheckRun with(Map<String, String> device) {
    return (folder, bundle, words) -> {
      Map<String, String> settings = new HashMap<>(device);
      settings.putAll(bundle);
      settings.put("routes.include", "*"); // a bundle's routes are always loaded
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
      List<String> arguments = List.of(words).subList(1, words.length);
      turns.acquire();
      try {
        int code =
            words[0].equals("check")
                ? EdgeRuntime.check(arguments, settings, print, print)
                : EdgeRuntime.test(arguments, print, print);
        return new CheckRun.Outcome(code, out.toString(StandardCharsets.UTF_8).lines().toList());
      } finally {
        turns.release();
      }
    };
  }
}
