package routes.uplink;

/**
 * What a command is answered with.
 *
 * @param status as in HTTP: 200, or 400 and above for a refusal
 * @param body what the responder said, or {@code {"status":403,"error":"..."}}
 */
public record Reply(int status, byte[] body) {
  /** The most bytes that a command may carry, and its reply: 128 KB. */
  public static final int LARGEST = 128 * 1024;

  /**
   * @param error one line that says what is wrong
   */
  public static Reply refusal(int status, String error) {
    return new Reply(status, Json.write(Json.object().put("status", status).put("error", error)));
  }

  public static Reply tooLarge() {
    return refusal(502, "the reply is larger than " + LARGEST + " bytes");
  }
}
