package routes.link;

import org.eclipse.paho.client.mqttv3.MqttException;

/** Paho's exception with one clear line in place of its catalogue's. */
final class Mqtt3Exception extends MqttException {
  private static final long serialVersionUID = 1L;

  private final String line;

  Mqtt3Exception(String line, Throwable cause) {
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
