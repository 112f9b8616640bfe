package routes.link;

import io.netty.handler.codec.mqtt.MqttMessageType;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import routes.link.Failure.Kind;
import routes.tls.TlsFault;
import routes.uplink.ProvisioningException;

/**
 * A connection for a few requests, each with one answer. It never reconnects. One thread uses it;
 * each method waits for the broker and throws {@link ProvisioningException} with one line that
 * names the setting to check.
 */
public final class ShortConnection implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final Failure CLOSED = new Failure(Kind.CLOSED, "closed");

  private final ConnectionSettings settings;
  private final Dialer dialer;
  private final CompletableFuture<Void> opened = new CompletableFuture<>();
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  // On the event loop only.
  private final Map<Integer, CompletableFuture<Void>> pending = new HashMap<>();
  private Session session;
  private Predicate<MqttMessage> wanted = message -> false;
  private CompletableFuture<MqttMessage> answer = new CompletableFuture<>();
  private Failure end;

  private ShortConnection(ConnectionSettings settings, Supplier<Credential> credentials) {
    this.settings = settings;
    this.dialer = new Dialer(settings, credentials);
  }

  /**
   * Connects.
   *
   * @param settings with the version 3.1.1 or 5
   * @param credentials called once, on a thread that may block
   */
  public static ShortConnection open(ConnectionSettings settings, Supplier<Credential> credentials)
      throws ProvisioningException {
    ShortConnection connection = new ShortConnection(settings, credentials);
    LinkLoop.execute(() -> connection.dialer.prepare(connection::dial, connection::ended));
    try {
      connection.await(connection.opened, "connecting to " + settings.url().address());
    } catch (ProvisioningException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  private void dial(Dialer.Prepared prepared) {
    if (end != null) {
      return;
    }
    boolean five = settings.version() != MqttVersion.V3_1_1;
    session = new Session(settings, prepared.credential(), five, new SessionEvents());
    dialer.open(prepared, session);
    LinkLoop.schedule(
        session::connectOverdue, ConnectionPolicy.CONNECT_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Subscribes to topic filters with QoS 1, and waits until the broker has accepted them. */
  public void subscribe(String... filters) throws ProvisioningException {
    for (String filter : filters) {
      CompletableFuture<Void> accepted = new CompletableFuture<>();
      LinkLoop.execute(
          () -> {
            if (end == null) {
              int id = session.nextId();
              pending.put(id, accepted);
              session.write(Packets.subscribe(id, filter, 1));
              session.flush();
            } else {
              accepted.completeExceptionally(end);
            }
          });
      await(accepted, "SUBSCRIBE to " + filter);
    }
  }

  /**
   * Publishes a request and waits for its answer.
   *
   * @param isAnswer tells the answer from other messages; called on the event loop
   */
  public MqttMessage request(MqttMessage request, Predicate<MqttMessage> isAnswer)
      throws ProvisioningException {
    CompletableFuture<MqttMessage> answered = new CompletableFuture<>();
    LinkLoop.execute(
        () -> {
          if (end != null) {
            answered.completeExceptionally(end);
            return;
          }
          wanted = isAnswer;
          answer = answered;
          int id = session.nextId();
          CompletableFuture<Void> written = new CompletableFuture<>();
          written.exceptionally(
              refusal -> {
                answered.completeExceptionally(refusal);
                return null;
              });
          pending.put(id, written);
          session.send(request, PublishSize.of(request, session.five()), id);
          session.flush();
        });
    return await(answered, "PUBLISH to " + request.topic());
  }

  private <T> T await(CompletableFuture<T> future, String step) throws ProvisioningException {
    try {
      return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new ProvisioningException(
          e.getCause().getMessage() + (future == opened ? "" : where(e.getCause(), step)));
    } catch (TimeoutException e) {
      throw new ProvisioningException(
          "no answer to " + step + " within " + Durations.text(PATIENCE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProvisioningException("interrupted");
    }
  }

  /** Clouds close the connection instead of refusing what a policy does not allow. */
  private String where(Throwable cause, String step) {
    boolean refused =
        cause instanceof Failure failure
            && (failure.kind() == Kind.CLOSED || failure.kind() == Kind.REFUSED);
    return " on "
        + step
        + (refused
            ? "; check that it is allowed" + TlsFault.look(settings.names().credential())
            : "");
  }

  private void ended(Failure why) {
    if (end != null) {
      return;
    }
    end = why;
    opened.completeExceptionally(why);
    answer.completeExceptionally(why);
    pending.values().forEach(each -> each.completeExceptionally(why));
    pending.clear();
    over.complete(null);
  }

  /** Disconnects; waits at most two seconds. */
  @Override
  public void close() {
    LinkLoop.execute(
        () -> {
          if (session == null) {
            ended(CLOSED);
          } else {
            session.disconnect(CLOSED);
          }
        });
    over.completeOnTimeout(null, FAREWELL.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  private final class SessionEvents implements Session.Events {
    @Override
    public void opened(Session session) {
      opened.complete(null);
    }

    @Override
    public boolean inUse(int id) {
      return pending.containsKey(id);
    }

    @Override
    public void answered(Session session, MqttMessageType type, int id, int code) {
      CompletableFuture<Void> request = pending.remove(id);
      Failure refusal = Reasons.answer(code, session.five());
      if (request != null && refusal == null) {
        request.complete(null);
      } else if (request != null) {
        request.completeExceptionally(refusal);
      }
    }

    @Override
    public void arrived(Session session, MqttMessage message, int id) {
      session.acknowledge(message, id);
      if (wanted.test(message)) {
        wanted = other -> false;
        answer.complete(message);
      }
    }

    @Override
    public void leftOut(PacketGate.LeftOut message) {
      session.end(new Failure(Kind.UNREACHABLE, "the answer is larger than inbound.max-packet"));
    }

    @Override
    public void readComplete() {}

    @Override
    public void closed(Session session, Failure why) {
      ended(why);
    }
  }
}
