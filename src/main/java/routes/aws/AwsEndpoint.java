package routes.aws;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.link.BrokerUrl;
import routes.settings.SettingException;
import routes.uplink.GatewaySettings;

/**
 * An account's data endpoint from {@code aws.endpoint}: host or host:port.
 *
 * @see <a href="https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html">Device
 *     communication protocols</a>
 */
record AwsEndpoint(String host, int port) {
  private static final int MQTT = 8883;
  private static final int HTTPS = 443;

  /** The protocol that a client must request on port 443 of an account's endpoint (RFC 7301). */
  private static final String ALPN = "x-amzn-mqtt-ca";

  private static final String FIX =
      "use the host that \"aws iot describe-endpoint --endpoint-type iot:Data-ATS\" prints";

  private static final Pattern HOST_AND_PORT =
      Pattern.compile("([a-z0-9][a-z0-9.-]*)(?::(\\d{1,5}))?");
  private static final Pattern ADDRESS = Pattern.compile("[\\d.]+|\\[.*|[0-9a-f]*:[0-9a-f:.]*:.*");

  /** Hosts of the API, and endpoints with a VeriSign certificate that no JDK trusts. */
  private static final Pattern WITHOUT_ATS =
      Pattern.compile("([a-z0-9]+\\.)?iot\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?");

  private static final Pattern OTHER_SERVICE =
      Pattern.compile(".*\\.(credentials|jobs)\\.iot\\..*|(.*\\.)?aws\\.amazon\\.com");

  /**
   * @throws SettingException if no device can connect to it; names the fix
   */
  static AwsEndpoint read(GatewaySettings settings) {
    return parse(
        settings.key("endpoint"),
        settings.require(
            "endpoint",
            "the host that \"aws iot describe-endpoint --endpoint-type iot:Data-ATS\" prints"));
  }

  /**
   * @param key the setting with the endpoint
   * @throws SettingException if no device can connect to it; names the fix
   */
  static AwsEndpoint parse(String key, String value) {
    String text = value.toLowerCase(Locale.ROOT);
    if (text.contains("/")) {
      throw wrong(key, value, "is a URL or a path");
    }
    Matcher matcher = HOST_AND_PORT.matcher(text);
    if (ADDRESS.matcher(text.replaceFirst("^([\\d.]+):\\d+$", "$1")).matches()) {
      throw wrong(key, value, "is an IP address, but TLS needs the host name");
    }
    if (!matcher.matches()) {
      throw wrong(key, value, "is not a host name");
    }
    String host = matcher.group(1);
    if (WITHOUT_ATS.matcher(host).matches()) {
      throw wrong(key, value, "is not an ATS endpoint");
    }
    if (OTHER_SERVICE.matcher(host).matches()) {
      throw wrong(key, value, "is the endpoint of another service");
    }
    int port = matcher.group(2) == null ? MQTT : Integer.parseInt(matcher.group(2));
    if (port == 0 || port > 65_535) {
      throw wrong(key, value, "needs a port between 1 and 65535");
    }
    return new AwsEndpoint(host, port);
  }

  private static SettingException wrong(String key, String value, String problem) {
    // there may be a password before an @
    String shown = value.contains("@") ? "the value" : "\"" + value + "\"";
    return new SettingException(key, shown + " " + problem + "; " + FIX);
  }

  /** The protocols that the TLS handshake must request; usually none. */
  List<String> alpn() {
    return port == HTTPS ? List.of(ALPN) : List.of();
  }

  BrokerUrl url() {
    return new BrokerUrl(BrokerUrl.Scheme.SSL, host, port, "");
  }
}
