package routes.bundles;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import routes.bus.BusPublisher;
import routes.host.Inventory;
import routes.uplink.Json;

/**
 * The part {@code bundle} of the inventory, which tells the clouds what became of their offer. It
 * has another name than the desired property: AWS leaves out of a delta what has been reported.
 */
final class Report {
  private final Inventory inventory;
  private final BusPublisher bus;
  private final String device;
  private volatile Map<String, Object> part = Map.of();

  Report(Inventory inventory, BusPublisher bus, String device) {
    this.inventory = inventory;
    this.bus = bus;
    this.device = device;
    inventory.add("bundle", () -> part);
  }

  /** Sets the part for the first inventory, which the collector publishes. */
  void start(BundleState state) {
    part = part(state.phase().text(), state.highest(), state.current(), state.error());
  }

  void send(BundleState state) {
    send(state.phase().text(), state.highest(), state.current(), state.error());
  }

  /**
   * Publishes the inventory, unless nothing has changed: AWS answers each reported state with the
   * same delta.
   *
   * @param version the version that was offered
   * @param current the version in use
   * @param error null if there is none
   */
  synchronized void send(String phase, int version, int current, String error) {
    Map<String, Object> next = part(phase, version, current, error);
    if (!Objects.equals(next, part)) {
      part = next;
      bus.publish("inventory." + device, Json.write(inventory.inventory()));
    }
  }

  private static Map<String, Object> part(String phase, int version, int current, String error) {
    Map<String, Object> part = new LinkedHashMap<>();
    part.put("version", version);
    part.put("phase", phase);
    part.put("current", current);
    part.put("error", error); // null removes an earlier one from a twin or shadow
    return part;
  }
}
