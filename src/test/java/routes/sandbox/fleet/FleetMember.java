package routes.sandbox.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import routes.sandbox.SandboxCloud;

/**
 * A device of the fleet.
 *
 * @param broken whether version 2 of the bundle must fail on it
 */
record FleetMember(String device, SandboxCloud cloud, boolean broken) {
  /** What its cloud knows about its bundle. */
  JsonNode bundle() {
    return cloud.reported(device).path("bundle");
  }
}
