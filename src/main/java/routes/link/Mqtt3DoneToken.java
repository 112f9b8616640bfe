package routes.link;

import org.eclipse.paho.client.mqttv3.MqttToken;

/** Paho's token of something that is done, or that happens by itself. */
final class Mqtt3DoneToken extends MqttToken {
  Mqtt3DoneToken() {
    super("");
  }

  @Override
  public boolean isComplete() {
    return true;
  }

  @Override
  public void waitForCompletion() {}

  @Override
  public void waitForCompletion(long timeout) {}
}
