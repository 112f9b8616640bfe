package routes.link;

import org.eclipse.paho.mqttv5.client.MqttToken;

/** Paho's token of something that is done, or that happens by itself. */
final class Mqtt5DoneToken extends MqttToken {
  Mqtt5DoneToken() {
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
