package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Connection.Status;
import io.nats.client.KeyValue;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A connection without a server, for tests of routes: its key-value buckets are empty. */
final class StandInConnection implements InvocationHandler {
  private final Class<?> type;

  private StandInConnection(Class<?> type) {
    this.type = type;
  }

  static Connection open() {
    return proxy(Connection.class);
  }

  private static <T> T proxy(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(), new Class<?>[] {type}, new StandInConnection(type)));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> type.getSimpleName();
      case "getStatus" -> Status.CONNECTED;
      case "getMaxPayload" -> 1L << 20;
      case "keyValue" -> proxy(KeyValue.class);
      case "get" -> null;
      case "put" -> 1L;
      default ->
          throw new UnsupportedOperationException(
              method.getName() + " needs NATS, and a route test has none");
    };
  }
}
