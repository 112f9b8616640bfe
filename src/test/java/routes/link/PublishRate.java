package routes.link;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import routes.sandbox.SandboxBroker;

/**
 * Measures acknowledged messages per second, 500 bytes, QoS 1: {@code PublishRate [url] [in flight]
 * [messages]}; without a URL, against the sandbox broker.
 */
public final class PublishRate {
  private PublishRate() {}

  public static void main(String... args) throws Exception {
    SandboxBroker sandbox =
        args.length == 0 || args[0].isEmpty() ? new SandboxBroker().start(0) : null;
    String url = sandbox == null ? args[0] : "tcp://127.0.0.1:" + sandbox.port();
    int inFlight = args.length > 1 ? Integer.parseInt(args[1]) : 64;
    int messages = args.length > 2 ? Integer.parseInt(args[2]) : 100_000;
    TestClients clients = new TestClients();
    clients.inFlight = inFlight;
    TestClient client = clients.connected(url, "rate");
    run(client, inFlight, messages / 2);
    for (int i = 0; i < 3; i++) {
      run(client, inFlight, messages);
    }
    clients.close();
    if (sandbox != null) {
      sandbox.close();
    }
  }

  private static void run(TestClient client, int inFlight, int messages) throws Exception {
    Semaphore window = new Semaphore(inFlight);
    AtomicInteger failures = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(messages);
    MqttMessage message = new MqttMessage("rate/test", new byte[500]);
    long start = System.nanoTime();
    for (int i = 0; i < messages; i++) {
      window.acquire();
      client.link.publish(
          message,
          false,
          failure -> {
            if (failure != null) {
              failures.incrementAndGet();
            }
            window.release();
            done.countDown();
          });
    }
    done.await();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%d in flight: %,.0f messages/s, %d failures%n",
        inFlight, messages / seconds, failures.get());
  }
}
