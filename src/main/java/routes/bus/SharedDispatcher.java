package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.MessageHandler;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A jnats {@link Dispatcher} that outlives its connection. jnats closes a connection for good when
 * a server refuses the login twice; the subscriptions are then made again on the bus's next one.
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

  /** Waits for NATS if it has not been there yet. */
  static Dispatcher of(Bus bus, MessageHandler handler) throws InterruptedException {
    SharedDispatcher shared = new SharedDispatcher(bus, handler);
    bus.follow(shared);
    try {
      shared.accept(bus.awaitFirst());
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
    if (next == connection) {
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
    String name = method.getName();
    if (name.equals("equals")) {
      return proxy == arguments[0];
    }
    Object result = BusConnection.call(dispatcher, method, arguments);
    if (name.equals("subscribe") && method.getReturnType() == Dispatcher.class) {
      queues.put((String) arguments[0], arguments.length > 1 ? (String) arguments[1] : "");
    } else if (name.equals("unsubscribe") && arguments[0] instanceof String subject) {
      // With a count, the subscription ends by itself: it is not made again.
      queues.remove(subject);
      if (queues.isEmpty()) {
        bus.unfollow(this);
      }
    } else if (name.equals("drain")) {
      queues.clear();
      bus.unfollow(this);
    }
    return result == dispatcher ? proxy : result;
  }
}
