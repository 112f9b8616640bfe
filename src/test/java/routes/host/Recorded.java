package routes.host;

import java.lang.reflect.Array;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/**
 * Stands in for an OSHI interface. Returns the configured values, and for other methods what OSHI
 * returns for unknown values: 0, "" or an empty list. Counts the calls.
 */
final class Recorded<T> {
  private final Class<T> type;
  private final Map<String, Object> answers = new HashMap<>();
  private final Map<String, Integer> calls = new HashMap<>();

  private Recorded(Class<T> type) {
    this.type = type;
  }

  static <T> Recorded<T> a(Class<T> type) {
    return new Recorded<>(type);
  }

  Recorded<T> with(String method, Object answer) {
    answers.put(method, answer);
    return this;
  }

  int calls(String method) {
    return calls.getOrDefault(method, 0);
  }

  T reading() {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              calls.merge(method.getName(), 1, Integer::sum);
              Object answer = answers.get(method.getName());
              if (answer instanceof RuntimeException failure) {
                throw failure;
              }
              return answer != null ? answer : unknown(method.getReturnType());
            }));
  }

  private static Object unknown(Class<?> type) {
    if (type == String.class) {
      return "";
    }
    if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    }
    return type.isPrimitive() && type != void.class
        ? Array.get(Array.newInstance(type, 1), 0)
        : null;
  }
}
