package routes.azure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.link.MqttMessage;
import routes.uplink.GatewaySettings;
import routes.uplink.Json;
import routes.uplink.ProvisioningException;

/**
 * An answer of the Device Provisioning Service: {@code
 * $dps/registrations/res/{status}/?$rid={id}&retry-after={seconds}} with a registration operation
 * or an error as JSON (learn.microsoft.com/rest/api/iot-dps/device/runtime-registration).
 *
 * @param status as in HTTP
 * @param retryAfter the pause before the next request
 */
record DpsAnswer(int status, Duration retryAfter, JsonNode body) {
  private static final Pattern REST = Pattern.compile("(\\d{3})/\\?(.*)");
  private static final Pattern RETRY_AFTER =
      Pattern.compile("(?:^|&)retry-after=(\\d{1,6})(?:&|$)");

  /** What the SDKs use if the service sends no retry-after. */
  private static final Duration USUAL_PAUSE = Duration.ofSeconds(2);

  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private static final int ACCEPTED = 202;
  private static final int THROTTLED = 429;
  private static final int SERVER_ERROR = 500;

  /** Whether the topic is that of an answer to the request. */
  static boolean isTo(String requestId, String topic) {
    return (topic + "&").contains("?$rid=" + requestId + "&")
        || (topic + "&").contains("&$rid=" + requestId + "&");
  }

  /**
   * @param prefix of the topics of answers
   */
  static DpsAnswer of(MqttMessage message, String prefix) throws ProvisioningException {
    Matcher rest = REST.matcher(message.topic().substring(prefix.length()));
    if (!rest.matches()) {
      throw new ProvisioningException("an answer of the service has the topic " + message.topic());
    }
    Matcher pause = RETRY_AFTER.matcher(rest.group(2));
    return new DpsAnswer(
        Integer.parseInt(rest.group(1)),
        pause.find() ? pause(Long.parseLong(pause.group(1))) : USUAL_PAUSE,
        Json.read(message.payload()).orElse(MissingNode.getInstance()));
  }

  private static Duration pause(long seconds) {
    return Duration.ofSeconds(Math.min(LONGEST_PAUSE.toSeconds(), seconds));
  }

  /** Whether to ask again after the pause. */
  boolean pending() {
    return status < 300
        && (status == ACCEPTED || body.path("status").asText().equals("assigning"))
        && !operationId().isEmpty();
  }

  String operationId() {
    return Optional.of(body.path("operationId").asText())
        .filter(id -> id.matches("[A-Za-z0-9._-]{1,256}"))
        .orElse("");
  }

  /**
   * The registration's state, with hub and device id.
   *
   * @throws ProvisioningException if the service is busy or has refused the device; names the fix
   */
  JsonNode assigned(GatewaySettings settings, Registration registration)
      throws ProvisioningException {
    JsonNode state = body.path("registrationState");
    if (status >= 300) {
      throw refusal(settings, registration);
    }
    return switch (body.path("status").asText()) {
      case "assigned" -> {
        if (state.path("assignedHub").asText().isEmpty()
            || state.path("deviceId").asText().isEmpty()) {
          throw new ProvisioningException("the service assigned a device without hub or id");
        }
        yield state;
      }
      case "disabled" ->
          throw wrong(
              settings,
              Registration.ID,
              "the enrollment of " + registration.id() + " is disabled; enable it");
      case "failed" ->
          throw new ProvisioningException(
              "the service could not assign a hub: "
                  + error(state.path("errorCode"), state.path("errorMessage"))
                  + "; check the enrollment's linked hubs and allocation policy");
      default ->
          throw new ProvisioningException(
              "the service assigned no hub; the registration's status is \""
                  + body.path("status").asText("missing")
                  + "\"");
    };
  }

  private ProvisioningException refusal(GatewaySettings settings, Registration registration) {
    String error = error(body.path("errorCode"), body.path("message"));
    if (status == THROTTLED) {
      return new ProvisioningException(
          "the service is busy (" + error + "); retry after " + retryAfter.toSeconds() + " s",
          retryAfter);
    }
    if (status >= SERVER_ERROR) {
      return new ProvisioningException("the service is unavailable: " + error, retryAfter);
    }
    return switch (status) {
      case 401 ->
          wrong(
              settings,
              registration.credential(settings),
              "the service refuses the credential of "
                  + registration.id()
                  + ": "
                  + error
                  + "; check the enrollment, "
                  + settings.key(Registration.ID_SCOPE)
                  + " and this device's clock");
      case 403 ->
          wrong(
              settings,
              Registration.ID,
              "the enrollment of " + registration.id() + " is disabled or not allowed: " + error);
      case 404 ->
          wrong(
              settings,
              Registration.ID_SCOPE,
              "the service knows no enrollment for "
                  + registration.id()
                  + " in "
                  + registration.idScope()
                  + ": "
                  + error);
      default -> new ProvisioningException("the service refused: " + error);
    };
  }

  private static ProvisioningException wrong(GatewaySettings settings, String key, String why) {
    return new ProvisioningException(settings.wrong(key, why).getMessage());
  }

  private String error(JsonNode code, JsonNode message) {
    String text = message.asText().replaceAll("\\p{Cc}+", " ");
    String shown = text.length() > 200 ? text.substring(0, 200) + "..." : text;
    return (code.isMissingNode() ? String.valueOf(status) : code.asText())
        + (shown.isEmpty() ? "" : " " + shown);
  }
}
