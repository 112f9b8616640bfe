package routes.link;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import routes.sandbox.SandboxBroker;

/**
 * Measures acknowledged messages a second, 500 bytes, QoS 1: {@code PublishRate [url] [threads]
 * [messages]}; without a URL, against the sandbox broker.
 */
public final class PublishRate {
  private PublishRate() {}

  public static void main(String... args) throws Exception {
    SandboxBroker sandbox =
        args.length == 0 || args[0].isEmpty() ? new SandboxBroker().start(0) : null;
    String url = sandbox == null ? args[0] : "tcp://127.0.0.1:" + sandbox.port();
    int threads = args.length > 1 ? Integer.parseInt(args[1]) : 64;
    int messages = args.length > 2 ? Integer.parseInt(args[2]) : 100_000;
    TestClients clients = new TestClients();
    Mqtt5Client client = clients.connected(url, "rate");
    run(client, threads, messages / 2);
    for (int i = 0; i < 3; i++) {
      run(client, threads, messages);
    }
    clients.close();
    if (sandbox != null) {
      sandbox.close();
    }
  }

  private static void run(Mqtt5Client client, int threads, int messages) throws Exception {
    AtomicInteger left = new AtomicInteger(messages);
    AtomicInteger failures = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(threads);
    long start = System.nanoTime();
    for (int i = 0; i < threads; i++) {
      new Thread(
              () -> {
                while (left.getAndDecrement() > 0) {
                  try {
                    client.publish("rate/test", new MqttMessage(new byte[500]));
                  } catch (MqttException e) {
                    failures.incrementAndGet();
                  }
                }
                done.countDown();
              })
          .start();
    }
    done.await();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    System.out.printf(
        "%d threads: %,.0f messages/s, %d failures, %d MB%n",
        threads,
        messages / seconds,
        failures.get(),
        (runtime.totalMemory() - runtime.freeMemory()) >> 20);
  }
}
