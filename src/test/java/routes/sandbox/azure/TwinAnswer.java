package routes.sandbox.azure;

import java.nio.charset.StandardCharsets;
import routes.sandbox.Arrived;

/** The hub's response to a device that requests its twin or reports properties. */
final class TwinAnswer {
  private TwinAnswer() {}

  static Arrived to(HubTopic topic, AzureDevice device, Arrived request) {
    if (topic.kind() == HubTopic.Kind.TWIN_GET) {
      return answer(200, topic, "", device.twin.document());
    }
    try {
      long version = device.twin.report(request.payload());
      return answer(204, topic, "&$version=" + version, new byte[0]);
    } catch (IllegalArgumentException e) {
      String body = "{\"errorCode\":400004,\"message\":\"the twin cannot store this\"}";
      return answer(400, topic, "", body.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static Arrived answer(int status, HubTopic topic, String more, byte[] body) {
    String path = HubTopic.TWIN_ANSWERS + status + "/?$rid=" + topic.requestId() + more;
    return Sent.message(path, body);
  }
}
