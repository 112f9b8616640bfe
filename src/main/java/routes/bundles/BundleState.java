package routes.bundles;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import routes.uplink.Json;

/**
 * Which bundle this device uses; kept across restarts.
 *
 * @param highest the highest version with a valid signature so far, used or not
 * @param current the version in use; 0 for none
 * @param previous the version to return to; 0 for none
 * @param error why {@code highest} is not in use; null if it is
 * @param starts how often the runtime was started with {@code current} since it last ran well
 * @param up the health checks that were UP before {@code current} was put in use
 */
record BundleState(
    int highest,
    int current,
    int previous,
    Phase phase,
    String error,
    int starts,
    List<String> up) {
  /** The last thing that happened. */
  enum Phase {
    NONE,
    PROBATION,
    ACTIVE,
    REJECTED,
    ROLLED_BACK;

    /** As it is stored and reported. */
    String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  static final BundleState NONE = new BundleState(0, 0, 0, Phase.NONE, null, 0, List.of());

  BundleState probation(int version, List<String> healthy) {
    return new BundleState(version, version, current, Phase.PROBATION, null, 0, healthy);
  }

  BundleState accepted() {
    return new BundleState(highest, current, previous, Phase.ACTIVE, null, 0, List.of());
  }

  BundleState rejected(int version, String why) {
    return new BundleState(version, current, previous, Phase.REJECTED, why, starts, up);
  }

  BundleState rolledBack(String why) {
    return new BundleState(highest, previous, 0, Phase.ROLLED_BACK, why, 0, List.of());
  }

  BundleState started(int times) {
    return new BundleState(highest, current, previous, phase, error, times, up);
  }

  byte[] json() {
    ObjectNode node = Json.object();
    node.put("highest", highest).put("current", current).put("previous", previous);
    node.put("phase", phase.text()).put("error", error).put("starts", starts);
    ArrayNode checks = node.putArray("up");
    up.forEach(checks::add);
    return Json.write(node);
  }

  /** The state in a file's content; {@link #NONE} if it is unreadable. */
  static BundleState of(byte[] json) {
    JsonNode node = Json.read(json).filter(JsonNode::isObject).orElse(null);
    if (node == null) {
      return NONE;
    }
    List<String> up = new ArrayList<>();
    node.path("up").forEach(check -> up.add(check.asText()));
    for (Phase phase : Phase.values()) {
      if (phase.text().equals(node.path("phase").asText())) {
        return new BundleState(
            node.path("highest").asInt(),
            node.path("current").asInt(),
            node.path("previous").asInt(),
            phase,
            node.path("error").textValue(),
            node.path("starts").asInt(),
            up);
      }
    }
    return NONE;
  }
}
