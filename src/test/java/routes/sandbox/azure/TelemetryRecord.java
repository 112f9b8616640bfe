package routes.sandbox.azure;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;
import routes.sandbox.Arrived;

/**
 * A device's message as a route of Azure IoT Hub writes it to a JSON blob
 * (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-construct): the body is an object
 * only when content type and encoding say so, else base64.
 */
final class TelemetryRecord {
  /** Numbers keep their digits, because the body is what the device sent. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final Set<String> ENCODINGS = Set.of("utf-8", "utf-16", "utf-32");
  private static final Map<String, String> SYSTEM =
      Map.of(
          "$.mid", "messageId",
          "$.cid", "correlationId",
          "$.uid", "userId",
          "$.ct", "contentType",
          "$.ce", "contentEncoding",
          "$.ctime", "creationTimeUtc");

  private TelemetryRecord() {}

  static ObjectNode of(AzureDevice device, Map<String, String> properties, Arrived message) {
    String now = TIME.format(Instant.now());
    ObjectNode record = JSON.createObjectNode();
    record.put("EnqueuedTimeUtc", now);
    ObjectNode application = record.putObject("Properties");
    ObjectNode system = record.putObject("SystemProperties");
    properties.forEach(
        (name, value) -> {
          if (SYSTEM.containsKey(name)) {
            system.put(SYSTEM.get(name), value);
          } else {
            application.put(name, value);
          }
        });
    if (message.retain()) {
      application.put("mqtt-retain", "true");
    }
    String[] ids = device.id.split("/");
    system.put("connectionDeviceId", ids[0]);
    if (ids.length > 1) {
      system.put("connectionModuleId", ids[1]);
    }
    system.put("connectionAuthMethod", authMethod(device));
    system.put("connectionDeviceGenerationId", device.generation);
    system.put("enqueuedTime", now);
    body(record, properties, message.payload());
    return record;
  }

  private static String authMethod(AzureDevice device) {
    ObjectNode method = JSON.createObjectNode();
    method.put("scope", device.module() ? "module" : "device");
    method.put("type", device.hasKey() ? "sas" : "x509Certificate");
    method.put("issuer", device.hasKey() ? "iothub" : "external");
    method.putNull("acceptingIpFilterRule");
    return method.toString();
  }

  private static void body(ObjectNode record, Map<String, String> properties, byte[] payload) {
    boolean json =
        "application/json".equalsIgnoreCase(properties.get("$.ct"))
            && ENCODINGS.contains(properties.getOrDefault("$.ce", "").toLowerCase());
    try {
      if (json && payload.length > 0) {
        record.set("Body", JSON.readTree(payload));
        return;
      }
    } catch (IOException e) {
      // otherwise as bytes
    }
    record.put("Body", payload);
  }
}
