package routes.link;

import org.eclipse.paho.client.mqttv3.MqttException;
import routes.link.Failure.Kind;
import routes.tls.TlsFault;

/** Paho's exceptions and the return codes of MQTT 3.1.1's CONNACK (3.2.2.3) in one line. */
final class Mqtt3Reasons {
  private static final int LAST_RETURN_CODE = 0xFF;

  private final Reasons reasons;
  private final SettingNames names;

  Mqtt3Reasons(ConnectionSettings settings) {
    this.reasons = new Reasons(settings);
    this.names = settings.names();
  }

  /** Why CONNECT failed. */
  Failure connecting(Throwable thrown) {
    int code = thrown instanceof MqttException e ? e.getReasonCode() : 0;
    switch (code) {
      case MqttException.REASON_CODE_INVALID_PROTOCOL_VERSION:
        return refused("the broker doesn't speak MQTT 3.1.1", thrown);
      case MqttException.REASON_CODE_INVALID_CLIENT_ID:
        return refused("client id not valid" + TlsFault.look(names.clientId()), thrown);
      case MqttException.REASON_CODE_BROKER_UNAVAILABLE:
        return new Failure(Kind.UNREACHABLE, "the broker is not available", thrown);
      case MqttException.REASON_CODE_FAILED_AUTHENTICATION:
        return refused("bad user name or password" + TlsFault.look(names.credential()), thrown);
      case MqttException.REASON_CODE_NOT_AUTHORIZED:
        return refused("not authorized" + TlsFault.look(names.credential()), thrown);
      default:
        return code > 0 && code <= LAST_RETURN_CODE
            ? refused(
                String.format("return code 0x%02X", code) + TlsFault.look(names.credential()),
                thrown)
            : lost(thrown);
    }
  }

  Failure unanswered(Failure why, boolean secured) {
    return reasons.unanswered(why, secured);
  }

  private static Failure refused(String why, Throwable thrown) {
    return new Failure(Kind.REFUSED, "refused: " + why, thrown);
  }

  /** Why a connection ended, or a message could not be sent. */
  Failure lost(Throwable thrown) {
    if (thrown instanceof MqttException e) {
      switch (e.getReasonCode()) {
        case MqttException.REASON_CODE_CLIENT_TIMEOUT:
        case MqttException.REASON_CODE_WRITE_TIMEOUT:
          return unreachable("no answer to a ping: the broker hangs or the network is cut", e);
        case MqttException.REASON_CODE_CLIENT_NOT_CONNECTED:
        case MqttException.REASON_CODE_CLIENT_DISCONNECTING:
          return unreachable("not connected", e);
        default:
          return e.getCause() == null ? unreachable(e.getMessage(), e) : reasons.of(e.getCause());
      }
    }
    return reasons.of(thrown);
  }

  private static Failure unreachable(String why, Throwable thrown) {
    return new Failure(Kind.UNREACHABLE, why, thrown);
  }
}
