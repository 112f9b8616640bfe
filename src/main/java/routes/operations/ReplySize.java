package routes.operations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import routes.bus.Bus;
import routes.uplink.Json;
import routes.uplink.Reply;

/**
 * How much fits into one reply. Azure and AWS accept 128 KB with what they add, and NATS its
 * max_payload.
 */
final class ReplySize {
  private static final int MOST = Reply.LARGEST - 16 * 1024;

  /** For the other fields of the reply. */
  private static final int REST = 1024;

  private static final int LEAST = 512;

  private int left;

  /**
   * @param maxPayload of NATS, in bytes
   */
  ReplySize(long maxPayload) {
    this.left = (int) Math.max(LEAST, Math.min(MOST, maxPayload - REST));
  }

  static ReplySize of(Bus bus) {
    return new ReplySize(bus.maxPayload());
  }

  int left() {
    return left;
  }

  /** Adds the item if it fits. The first item is added in any case. */
  boolean add(ArrayNode items, JsonNode item) {
    int size = Json.write(item).length + 1;
    if (size > left && !items.isEmpty()) {
      return false;
    }
    items.add(item);
    left -= size;
    return true;
  }

  /**
   * Puts as many items as fit into the reply, and where to continue into its field next.
   *
   * @param first index of the first item
   */
  void fill(ObjectNode reply, String field, List<? extends JsonNode> items, long first) {
    ArrayNode part = reply.putArray(field);
    for (int i = (int) Math.min(first, items.size()); i < items.size(); i++) {
      if (!add(part, items.get(i))) {
        reply.put("next", i);
        return;
      }
    }
  }
}
