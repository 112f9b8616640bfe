package routes.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import routes.Mosquitto;
import routes.sandbox.FaultProxy;

/**
 * A real broker and a subscriber. With QoS 0 and no queue, the subscriber receives a message before
 * the broker sends its PUBACK. The received messages therefore include every acknowledged one.
 */
final class MosquittoCloud implements Cloud {
  private final String gateway;
  private final Mosquitto mosquitto;
  private final FaultProxy link;
  private final Landings landings = new Landings();
  private MosquittoSubscriber subscriber;

  MosquittoCloud() throws Exception {
    this("mqtt");
  }

  /**
   * @param gateway mqtt, or the name of an instance
   */
  MosquittoCloud(String gateway) throws Exception {
    this.gateway = gateway;
    mosquitto = new Mosquitto().open().start("persistence false", "max_queued_messages 0");
    link = new FaultProxy(mosquitto.port());
    subscribe();
  }

  private void subscribe() throws IOException {
    subscriber = new MosquittoSubscriber(mosquitto.port(), landings::arrived);
  }

  /** The broker's own address, without the proxy. */
  String url() {
    return "tcp://127.0.0.1:" + mosquitto.port();
  }

  Mosquitto mosquitto() {
    return mosquitto;
  }

  /** Restarts it after a kill, without its sessions. The subscriber connects before anyone else. */
  void restart() throws InterruptedException, IOException {
    subscriber.awaitEnd();
    subscriber.close();
    mosquitto.restart();
    Rig.until("mosquitto's subscriber", this::subscribed);
  }

  private boolean subscribed() {
    try {
      subscribe();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String gateway() {
    return gateway;
  }

  @Override
  public FaultProxy link() {
    return link;
  }

  @Override
  public Map<String, String> settings() {
    String key = gateway.toUpperCase(Locale.ROOT).replace('-', '_') + "_URL";
    return Map.of(key, "tcp://127.0.0.1:" + link.port());
  }

  @Override
  public Landings landings() {
    return landings;
  }

  @Override
  public Landings kept() {
    return landings;
  }

  @Override
  public void close() {
    mosquitto.thawIfFrozen();
    link.close();
    try {
      subscriber.close();
      mosquitto.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
