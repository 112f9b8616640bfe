package routes.aws;

import com.fasterxml.jackson.databind.JsonNode;
import routes.uplink.GatewaySettings;
import routes.uplink.ProvisioningException;

/**
 * An answer on a topic that ends in {@code /rejected}: statusCode, errorCode and errorMessage
 * (docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html). The codes are not
 * documented, so the status decides.
 */
final class AwsRejection {
  private static final int MOST_CHARACTERS = 200;
  private static final String TOKEN = "OwnershipToken";

  private AwsRejection() {}

  /**
   * @param topic of the request
   */
  static ProvisioningException of(
      JsonNode body, GatewaySettings settings, AwsClaim claim, String topic) {
    int status = body.path("statusCode").asInt();
    String code = body.path("errorCode").asText();
    String error = (status + " " + code + " " + body.path("errorMessage").asText()).strip();
    String shown = error.replaceAll("\\p{Cc}+", " ");
    if (shown.length() > MOST_CHARACTERS) {
      shown = shown.substring(0, MOST_CHARACTERS) + "...";
    }
    if (status == 429 || code.contains("Throttl") || code.contains("TooManyRequests")) {
      return new ProvisioningException("AWS is busy: " + shown);
    }
    if (status >= 500) {
      return new ProvisioningException("AWS is unavailable: " + shown);
    }
    if (code.contains(TOKEN)) {
      return new ProvisioningException(
          "AWS no longer accepts the new certificate; it has to be registered within an hour, and"
              + " once: "
              + shown);
    }
    if (!topic.contains("/provision/")) {
      return new ProvisioningException("AWS created no certificate: " + shown);
    }
    String key = status == 400 ? AwsClaim.PARAMETERS : AwsClaim.TEMPLATE;
    String fix =
        switch (status) {
          case 404 -> "; check the name";
          case 401, 403 -> "; its pre-provisioning hook or its role refuses this device";
          default -> "; compare them with the template";
        };
    return new ProvisioningException(
        settings
            .wrong(key, "the template " + claim.template() + " was refused: " + shown + fix)
            .getMessage());
  }
}
