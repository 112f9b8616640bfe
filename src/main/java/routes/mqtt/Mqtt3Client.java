package routes.mqtt;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import routes.bus.Uplink;

/** The client of {@code paho:} endpoints: MQTT 3.1.1. */
public final class Mqtt3Client extends MqttClient implements DeviceClient {
  /**
   * @param credentials asked before each CONNECT
   */
  public Mqtt3Client(
      ConnectionSettings settings, Supplier<Credential> credentials, MeterRegistry registry)
      throws MqttException {
    super(settings.url().toString(), settings.clientId(), new MemoryPersistence());
    throw new UnsupportedOperationException();
  }

  @Override
  public Uplink connection() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void start() {}

  @Override
  public void stop() {}

  @Override
  public void close() {}
}
