package routes.sandbox.fleet;

import io.nats.client.Connection;
import io.nats.client.Nats;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The sensors of the devices: each publishes a temperature on plant.DEVICE every two seconds. The
 * sensor of a broken device adds the unit, so its text is no number.
 */
final class PlantSensors implements AutoCloseable {
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Connection bus;

  PlantSensors(String nats, List<FleetMember> members) throws Exception {
    bus = Nats.connect(nats);
    clock.scheduleAtFixedRate(() -> members.forEach(this::publish), 0, 2, TimeUnit.SECONDS);
  }

  private void publish(FleetMember member) {
    String text = member.broken() ? "21.5 C" : "21.5";
    bus.publish("plant." + member.device(), text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    clock.shutdownNow();
    try {
      bus.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
