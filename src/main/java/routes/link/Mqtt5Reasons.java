package routes.link;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import routes.link.Failure.Kind;
import routes.tls.TlsFault;

/** Paho's exceptions and MQTT 5's reason codes (2.4) in one line. */
final class Mqtt5Reasons {
  /** Paho keeps the code to itself, but for its message. */
  private static final Pattern DISCONNECT = Pattern.compile("Disconnect RC: (\\d+)");

  /** Of messages in a time, say: EMQX's answer above its limits. */
  private static final int QUOTA_EXCEEDED = 0x97;

  /**
   * Reasons that no one message gives: busy, shutting down, keep alive, taken over, message rate,
   * quota, an administrator, another server, server moved, connection rate, longest connection.
   */
  private static final Set<Integer> OF_THE_CONNECTION =
      Set.of(0x89, 0x8B, 0x8D, 0x8E, 0x96, QUOTA_EXCEEDED, 0x98, 0x9C, 0x9D, 0x9F, 0xA0);

  /** A CONNACK's reasons that say nothing about this device: the server is unavailable, or busy. */
  private static final Set<Integer> OF_THE_SERVER =
      Set.of(0x88, 0x89, QUOTA_EXCEEDED, 0x9C, 0x9D, 0x9F);

  private final Reasons reasons;
  private final SettingNames names;

  Mqtt5Reasons(ConnectionSettings settings) {
    this.reasons = new Reasons(settings);
    this.names = settings.names();
  }

  /** Such as "not authorized (0x87)". */
  static String name(int code) {
    String text = new MqttException(code).getMessage();
    if (text.startsWith("Untranslated")) {
      return String.format("reason code 0x%02X", code);
    }
    String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    return String.format(
        "%s%s (0x%02X)", name.substring(0, 1).toLowerCase(Locale.ROOT), name.substring(1), code);
  }

  /** Why CONNECT failed. */
  Failure connecting(Throwable thrown) {
    int code = thrown instanceof MqttException e ? e.getReasonCode() : 0;
    switch (code) {
      case MqttReturnCode.RETURN_CODE_BAD_USERNAME_OR_PASSWORD:
        return refused("bad user name or password" + TlsFault.look(names.credential()), thrown);
      case MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED:
        return refused("not authorized" + TlsFault.look(names.credential()), thrown);
      case MqttReturnCode.RETURN_CODE_IDENTIFIER_NOT_VALID:
        return refused("client id not valid" + TlsFault.look(names.clientId()), thrown);
      case MqttException.REASON_CODE_INVALID_RETURN_CODE:
        return refused("the broker's answer is not MQTT 5", thrown);
      default:
        if (OF_THE_SERVER.contains(code)) {
          return new Failure(Kind.BUSY, "unavailable: " + name(code), thrown);
        }
        if (code >= 0x80 && code <= 0xFF) {
          return refused(name(code), thrown);
        }
        return lost(thrown);
    }
  }

  Failure unanswered(Failure why, boolean secured) {
    return reasons.unanswered(why, secured);
  }

  /** The answer to a request: a PUBACK, SUBACK or UNSUBACK that says no. */
  static Failure refused(int code) {
    Kind kind = code == QUOTA_EXCEEDED ? Kind.BUSY : Kind.REFUSED;
    return new Failure(kind, "refused by the broker: " + name(code));
  }

  private static Failure refused(String why, Throwable thrown) {
    return new Failure(Kind.REFUSED, "refused: " + why, thrown);
  }

  /** Why a connection ended, or a message could not be sent. */
  Failure lost(Throwable thrown) {
    if (thrown instanceof MqttException e) {
      switch (e.getReasonCode()) {
        case MqttClientException.REASON_CODE_CLIENT_TIMEOUT:
        case MqttClientException.REASON_CODE_WRITE_TIMEOUT:
          return unreachable("no answer to a ping: the broker hangs or the network is cut", e);
        case MqttClientException.REASON_CODE_CLIENT_NOT_CONNECTED:
        case MqttClientException.REASON_CODE_CLIENT_DISCONNECTING:
          return unreachable("not connected", e);
        case MqttClientException.REASON_CODE_SERVER_DISCONNECTED:
          Matcher code = DISCONNECT.matcher(e.getMessage());
          return disconnected(code.find() ? Integer.parseInt(code.group(1)) : 0);
        default:
          return e.getCause() == null ? unreachable(e.getMessage(), e) : reasons.of(e.getCause());
      }
    }
    return reasons.of(thrown);
  }

  /** The broker's DISCONNECT (MQTT 5, 3.14.2.1). */
  static Failure disconnected(int code) {
    Kind kind = OF_THE_CONNECTION.contains(code) ? Kind.UNREACHABLE : Kind.CLOSED;
    return new Failure(kind, "the broker disconnected: " + name(code));
  }

  private static Failure unreachable(String why, Throwable thrown) {
    return new Failure(Kind.UNREACHABLE, why, thrown);
  }
}
