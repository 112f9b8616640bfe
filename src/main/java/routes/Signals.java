package routes;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Handles SIGTERM, SIGINT and SIGHUP. The JVM's own handling exits with code 143, 130 or 129,
 * whatever its shutdown hooks do.
 */
final class Signals {
  private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

  private Signals() {}

  /**
   * Calls {@code action} on its own thread at each signal. If the JVM does not support this,
   * signals end it as usual.
   */
  static void onStop(Runnable action) {
    try {
      // By name, because javac's warning about jdk.unsupported cannot be suppressed.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      InvocationHandler call =
          (proxy, method, arguments) -> {
            action.run();
            return null;
          };
      Object handler =
          Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {type}, call);
      for (String name : NAMES) {
        Object one = signal.getConstructor(String.class).newInstance(name);
        signal.getMethod("handle", signal, type).invoke(null, one, handler);
      }
    } catch (ReflectiveOperationException e) {
      // Expected without jdk.unsupported, with -Xrs, and on Windows, which has no SIGHUP.
    }
  }
}
