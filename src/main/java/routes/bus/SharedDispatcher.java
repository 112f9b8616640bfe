package routes.bus;

import io.nats.client.Connection;
import io.nats.client.Connection.Status;
import io.nats.client.Dispatcher;
import io.nats.client.MessageHandler;
import io.nats.client.support.Validator;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A jnats {@link Dispatcher} that outlives its connection. Subscriptions with its own handler are
 * renewed on each new connection.
 */
final class SharedDispatcher implements InvocationHandler, Consumer<Connection> {
  private static final Logger LOG = LoggerFactory.getLogger(SharedDispatcher.class);

  private final Bus bus;
  private final MessageHandler handler;
  private final Map<String, String> queues = new LinkedHashMap<>(); // by subject
  private Connection connection;
  private Dispatcher dispatcher;

  private SharedDispatcher(Bus bus, MessageHandler handler) {
    this.bus = bus;
    this.handler = handler;
  }

  /** Works while NATS is unavailable too; it then subscribes on connect. */
  static Dispatcher of(Bus bus, MessageHandler handler) {
    SharedDispatcher shared = new SharedDispatcher(bus, handler);
    bus.follow(shared);
    return (Dispatcher)
        Proxy.newProxyInstance(
            Dispatcher.class.getClassLoader(), new Class<?>[] {Dispatcher.class}, shared);
  }

  /** May be called twice with the same connection, or late with a lost one. */
  @Override
  public synchronized void accept(Connection next) {
    if (next == connection || next.getStatus() != Status.CONNECTED) {
      return;
    }
    connection = next;
    dispatcher = handler == null ? next.createDispatcher() : next.createDispatcher(handler);
    queues.forEach(this::subscribe);
  }

  /** One failed subscription must not affect the others. */
  private void subscribe(String subject, String queue) {
    try {
      if (queue.isEmpty()) {
        dispatcher.subscribe(subject);
      } else {
        dispatcher.subscribe(subject, queue);
      }
    } catch (IllegalStateException e) {
      LOG.debug("just disconnected", e);
    } catch (IllegalArgumentException e) {
      LOG.error("cannot subscribe to {}: {}", subject, e.getMessage());
    }
  }

  /** Validates like jnats, also while NATS is unavailable. */
  private void record(String subject, String queue) {
    Subject.check(subject);
    Validator.validateQueueName(queue, false);
    queues.put(subject, queue);
    bus.follow(this);
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
          record((String) arguments[0], arguments.length > 1 ? (String) arguments[1] : "");
        }
        break;
      case "unsubscribe":
        // Also with a count: the subscription then ends by itself and is not renewed.
        boolean known = queues.remove(arguments[0]) != null;
        if (queues.isEmpty() && arguments[0] instanceof String) {
          close();
          return proxy;
        }
        if (!known) {
          return proxy;
        }
        break;
      default:
        break;
    }
    if (dispatcher == null || !dispatcher.isActive()) {
      if (method.getReturnType() == Dispatcher.class) {
        return proxy; // the subscription is recorded
      }
      throw new IllegalStateException(bus.name() + " is unavailable");
    }
    Object result = BusConnection.call(dispatcher, method, arguments);
    return result == dispatcher ? proxy : result;
  }

  /** Ends the dispatcher's thread, which camel-nats would keep until the connection ends. */
  private void close() {
    bus.unfollow(this);
    if (dispatcher != null && dispatcher.isActive()) {
      connection.closeDispatcher(dispatcher);
    }
    dispatcher = null;
    connection = null;
  }
}
