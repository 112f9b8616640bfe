package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Connection.Status;
import io.nats.client.MessageHandler;
import io.nats.client.api.ServerInfo;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * The bus as jnats' {@link Connection}, for the option {@code connection} of {@code nats:}
 * endpoints. It also works while NATS is unavailable: a publish or a request then throws "NATS at
 * host:port is unavailable", and a subscription starts once NATS is connected. Closing it does
 * nothing, because it is shared.
 */
final class BusConnection implements InvocationHandler {
  private final Bus bus;

  private BusConnection(Bus bus) {
    this.bus = bus;
  }

  static Connection of(Bus bus) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            new BusConnection(bus));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "equals":
        return proxy == arguments[0];
      case "hashCode":
        return System.identityHashCode(proxy);
      case "toString":
        return bus.name();
      case "close":
        return null;
      case "getStatus":
        return bus.connected() ? Status.CONNECTED : Status.DISCONNECTED;
      case "createDispatcher":
        return SharedDispatcher.of(bus, handler(arguments));
      case "flush", "flushBuffer":
        if (!bus.connected()) {
          return null; // a route must be able to stop while NATS is unavailable
        }
        break;
      case "getServerInfo":
        return withJetStream(bus.require().getServerInfo());
      default:
        break;
    }
    return call(bus.require(), method, arguments);
  }

  /** Without JetStream a stock endpoint would publish to no one and report success. */
  private ServerInfo withJetStream(ServerInfo server) {
    if (!server.isJetStreamAvailable()) {
      throw new IllegalStateException(bus.name() + " has no JetStream; start it with -js");
    }
    return server;
  }

  private static MessageHandler handler(Object[] arguments) {
    return arguments == null ? null : (MessageHandler) arguments[0];
  }

  static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
