package routes.link;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import routes.link.Failure.Kind;

/**
 * Paho's answer to one request; the return codes of a SUBACK, which Paho ignores, are looked at.
 */
final class Mqtt3Answer extends CompletableFuture<Void> implements IMqttActionListener {
  /** A SUBACK's for a filter that is refused (MQTT 3.1.1, 3.9.3). */
  private static final int SUBSCRIBE_FAILED = 0x80;

  private final Function<Throwable, Failure> failure;

  /**
   * @param failure what Paho's exception means
   */
  Mqtt3Answer(Function<Throwable, Failure> failure) {
    this.failure = failure;
  }

  @Override
  public void onSuccess(IMqttToken token) {
    int[] granted = token.getGrantedQos();
    if (granted != null) {
      for (int qos : granted) {
        if (qos == SUBSCRIBE_FAILED) {
          completeExceptionally(new Failure(Kind.REFUSED, "refused by the broker"));
          return;
        }
      }
    }
    complete(null);
  }

  @Override
  public void onFailure(IMqttToken token, Throwable thrown) {
    completeExceptionally(failure.apply(thrown));
  }
}
