package routes.link;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Paho's answer to one request; its reason codes, which Paho ignores, are looked at. */
final class Mqtt5Answer extends CompletableFuture<Void> implements MqttActionListener {
  private final Function<Throwable, Failure> failure;
  private volatile MqttProperties properties;

  /**
   * @param failure what Paho's exception means
   */
  Mqtt5Answer(Function<Throwable, Failure> failure) {
    this.failure = failure;
  }

  @Override
  public void onSuccess(IMqttToken token) {
    int[] codes = token.getReasonCodes();
    if (codes != null) {
      for (int code : codes) {
        if (code >= 0x80) {
          completeExceptionally(Mqtt5Reasons.refused(code));
          return;
        }
      }
    }
    properties = token.getResponseProperties();
    complete(null);
  }

  /** Those of the answer's packet; null when it has none. */
  MqttProperties properties() {
    return properties;
  }

  @Override
  public void onFailure(IMqttToken token, Throwable thrown) {
    completeExceptionally(failure.apply(thrown));
  }
}
