package routes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** What device edge-1 reports about bundles, as the clouds receive it with the inventory. */
record BundleReports(NatsServer nats) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The part of the newest inventory. */
  JsonNode newest() throws Exception {
    byte[] inventory =
        nats.connection()
            .jetStreamManagement()
            .getLastMessage("INVENTORY", "inventory.edge-1")
            .getData();
    return JSON.readTree(inventory).path("bundle");
  }

  /** How many inventories have been published. */
  long count() throws Exception {
    return nats.connection()
        .jetStreamManagement()
        .getStreamInfo("INVENTORY")
        .getStreamState()
        .getLastSequence();
  }
}
