package routes.link;

import org.eclipse.paho.mqttv5.common.MqttException;

/** Paho's exception with one clear line in place of its catalogue's. */
final class Mqtt5Exception extends MqttException {
  private static final long serialVersionUID = 1L;

  private final String line;

  Mqtt5Exception(String line, Throwable cause) {
    super(cause);
    this.line = line;
  }

  @Override
  public String getMessage() {
    return line;
  }

  @Override
  public String toString() {
    return line;
  }
}
