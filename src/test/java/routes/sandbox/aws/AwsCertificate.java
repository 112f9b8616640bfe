package routes.sandbox.aws;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an account knows about a device certificate.
 *
 * @param thing the thing it is attached to
 */
record AwsCertificate(AwsPolicy policy, Optional<String> thing) {
  static final String REGION = "eu-central-1";
  static final String ACCOUNT = "123456789012";

  /**
   * The variable of the thing's name has a value only for the thing's own client id.
   *
   * @param resource such as topic/a/b
   * @see <a
   *     href="https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html">Thing
   *     policy variables</a>
   */
  boolean may(String action, String resource, String clientId) {
    Map<String, String> variables = new HashMap<>();
    variables.put("iot:ClientId", clientId);
    thing
        .filter(clientId::equals)
        .ifPresent(name -> variables.put("iot:Connection.Thing.ThingName", name));
    String arn = "arn:aws:iot:" + REGION + ":" + ACCOUNT + ":" + resource;
    return policy.allows(action, arn, variables);
  }
}
