package routes.link;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import routes.uplink.ElasticPool;
import routes.uplink.Uplink;

/** A link whose calls wait for the broker's response. */
public final class TestClient implements Uplink {
  /** Receives messages. A message is handled when it returns. */
  @FunctionalInterface
  public interface Listener {
    void arrived(String topic, MqttMessage message) throws Exception;
  }

  final MqttLink link;
  private final ElasticPool pool;
  private Arrivals.Listener last;
  private Listener callback;

  TestClient(MqttLink link, ElasticPool pool) {
    this.link = link;
    this.pool = pool;
  }

  /** Completes at the PUBACK; with QoS 0, when the message is written. */
  CompletableFuture<Void> send(MqttMessage message) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    link.publish(
        message,
        false,
        failure -> {
          if (failure == null) {
            acknowledged.complete(null);
          } else {
            acknowledged.completeExceptionally(failure);
          }
        });
    return acknowledged;
  }

  public void publish(String topic, MqttMessage message) throws Exception {
    await(
        send(
            new MqttMessage(
                topic, message.payload(), message.qos(), message.retain(), message.properties())));
  }

  public void publish(String topic, byte[] payload, int qos) throws Exception {
    publish(topic, new MqttMessage(topic, payload, qos, false, MqttMessage.Properties.NONE));
  }

  /** For the next subscriptions. */
  public void setCallback(Listener callback) {
    this.callback = callback;
  }

  public void subscribe(String filters, int qos) throws Exception {
    subscribe(filters, qos, callback == null ? (topic, message) -> {} : callback);
  }

  public void subscribe(String filters, int qos, Listener listener) throws Exception {
    last =
        (message, done) -> {
          listener.arrived(message.topic(), message);
          done.run();
        };
    await(link.subscribe(filters, qos, last));
  }

  /** Ends the last subscription. */
  public void unsubscribe() throws Exception {
    await(link.unsubscribe(last));
  }

  private static void await(CompletableFuture<Void> answer) throws Exception {
    try {
      answer.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  public void stop() {
    link.stop();
    pool.close();
  }

  @Override
  public String name() {
    return link.name();
  }

  @Override
  public boolean connected() {
    return link.connected();
  }

  @Override
  public boolean awaitConnected(Duration timeout) throws InterruptedException {
    return link.awaitConnected(timeout);
  }

  @Override
  public Instant since() {
    return link.since();
  }

  @Override
  public Optional<String> lastError() {
    return link.lastError();
  }

  @Override
  public boolean refused() {
    return link.refused();
  }

  @Override
  public long reconnects() {
    return link.reconnects();
  }

  @Override
  public Verdict verdict(Throwable failure, long reconnects) {
    return link.verdict(failure, reconnects);
  }
}
