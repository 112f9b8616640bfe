package routes.uplink;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The reply to a command.
 *
 * @param status an HTTP status: 200, or 400 and above for a refusal
 * @param body the responder's reply, or {@code {"status":403,"error":"..."}}
 */
public record Reply(int status, byte[] body) {
  /** The maximum size of a command's payload and of its reply: 128 KB. */
  public static final int LARGEST = 128 * 1024;

  /**
   * A responder's reply. It is a refusal if it is a JSON object with a {@code status} from 400 to
   * 599 and an {@code error} text.
   */
  public static Reply of(byte[] body) {
    return new Reply(Json.read(body).map(Reply::status).orElse(200), body);
  }

  private static int status(JsonNode reply) {
    JsonNode status = reply.path("status");
    boolean refusal =
        reply.path("error").isTextual()
            && status.isInt()
            && status.intValue() >= 400
            && status.intValue() <= 599;
    return refusal ? status.intValue() : 200;
  }

  /**
   * @param error what is wrong, in one line
   */
  public static Reply refusal(int status, String error) {
    return new Reply(status, Json.write(Json.object().put("status", status).put("error", error)));
  }

  public static Reply tooLarge() {
    return refusal(502, "the reply is larger than " + LARGEST + " bytes");
  }
}
