package routes.sandbox.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Matcher;

/**
 * The jobs API of a thing without jobs: this stand-in cannot create any.
 *
 * @see <a href="https://docs.aws.amazon.com/iot/latest/developerguide/jobs-mqtt-api.html">Jobs
 *     device MQTT API</a>
 */
final class ThingJobs {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ThingJobs() {}

  /**
   * Answers a request.
   *
   * @param request as {@link AwsTopicName#jobs} reads it
   * @return payloads by topic suffix after the request's topic
   */
  static Map.Entry<String, String> answer(Matcher request, byte[] payload) {
    ObjectNode answer = JSON.createObjectNode();
    String token = token(payload);
    if (!token.isEmpty()) {
      answer.put("clientToken", token);
    }
    answer.put("timestamp", System.currentTimeMillis() / 1_000);
    String job = request.group(2);
    if ("get".equals(request.group(1))) {
      answer.putArray("inProgressJobs");
      answer.putArray("queuedJobs");
    } else if (job != null && !(job.equals("$next") && request.group(3).equals("get"))) {
      answer.put("code", "ResourceNotFound");
      answer.put("message", "the sandbox has no jobs, so there is no job " + job);
      return Map.entry("rejected", answer.toString());
    }
    return Map.entry("accepted", answer.toString());
  }

  private static String token(byte[] payload) {
    try {
      JsonNode request = JSON.readTree(payload);
      return request == null ? "" : request.path("clientToken").asText();
    } catch (IOException e) {
      return "";
    }
  }
}
