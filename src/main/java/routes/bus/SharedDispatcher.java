package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Connection.Status;
import io.nats.client.Dispatcher;
import io.nats.client.MessageHandler;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A jnats {@link Dispatcher} that outlives its connection: the subscriptions that have its own
 * handler are made again on each new one.
 */
final class SharedDispatcher implements InvocationHandler, Consumer<Connection> {
  private final Bus bus;
  private final MessageHandler handler;
  private final Map<String, String> queues = new LinkedHashMap<>(); // by subject
  private Connection connection;
  private Dispatcher dispatcher;

  private SharedDispatcher(Bus bus, MessageHandler handler) {
    this.bus = bus;
    this.handler = handler;
  }

  /** Waits for NATS. */
  static Dispatcher of(Bus bus, MessageHandler handler) throws InterruptedException {
    SharedDispatcher shared = new SharedDispatcher(bus, handler);
    bus.follow(shared);
    try {
      shared.accept(bus.await());
    } catch (InterruptedException e) {
      bus.unfollow(shared);
      throw e;
    }
    return (Dispatcher)
        Proxy.newProxyInstance(
            Dispatcher.class.getClassLoader(), new Class<?>[] {Dispatcher.class}, shared);
  }

  @Override
  public synchronized void accept(Connection next) {
    if (next == connection || next.getStatus() != Status.CONNECTED) {
      return;
    }
    connection = next;
    dispatcher = handler == null ? next.createDispatcher() : next.createDispatcher(handler);
    queues.forEach(
        (subject, queue) -> {
          if (queue.isEmpty()) {
            dispatcher.subscribe(subject);
          } else {
            dispatcher.subscribe(subject, queue);
          }
        });
  }

  @Override
  public synchronized Object invoke(Object proxy, Method method, Object[] arguments)
      throws Throwable {
    switch (method.getName()) {
      case "equals":
        return proxy == arguments[0];
      case "hashCode":
        return System.identityHashCode(proxy);
      case "isActive":
        return true;
      case "subscribe":
        if (method.getReturnType() == Dispatcher.class) {
          queues.put((String) arguments[0], arguments.length > 1 ? (String) arguments[1] : "");
        }
        break;
      case "unsubscribe":
        // Also with a count: the subscription then ends by itself and is not made again.
        queues.remove(arguments[0]);
        break;
      case "drain":
        queues.clear();
        break;
      default:
        break;
    }
    if (queues.isEmpty()) {
      bus.unfollow(this);
    }
    if (!dispatcher.isActive() && method.getReturnType() == Dispatcher.class) {
      return proxy; // NATS is away: what is noted is enough
    }
    Object result = BusConnection.call(dispatcher, method, arguments);
    return result == dispatcher ? proxy : result;
  }
}
