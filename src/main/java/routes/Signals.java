package routes;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * SIGTERM, SIGINT and SIGHUP as a call instead of the JVM's end, which has exit code 143, 130 or
 * 129 whatever its shutdown hooks do.
 */
final class Signals {
  private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

  private Signals() {}

  /**
   * Calls {@code action} at each signal, on a thread of its own. Where the JVM has no such support
   * signals end it as they always do.
   */
  static void onStop(Runnable action) {
    try {
      // By name: javac warns of jdk.unsupported's classes in a way that nothing suppresses.
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
      // A JVM without jdk.unsupported, with -Xrs, or of Windows, which has no SIGHUP.
    }
  }
}
