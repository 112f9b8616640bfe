package routes.steps;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.SynchronizationAdapter;
import routes.jetstream.JetStreamConstants;
import routes.uplink.InvalidMessageException;
import routes.uplink.Telemetry;

/**
 * The messages of one array, held until the array's outcome is known. Guarded by {@link
 * OpenBatches}.
 */
final class Batch {
  /** The content type of arrays. */
  static final String JSON = "application/json";

  /** A message, and the callback that continues its route. */
  private record Held(Exchange exchange, AsyncCallback callback) {}

  private final List<Held> held = new ArrayList<>();
  private final ByteArrayOutputStream array = new ByteArrayOutputStream();
  private final StringBuilder identity = new StringBuilder();

  void add(Exchange exchange, AsyncCallback callback, byte[] json) {
    identity.append(identity(exchange)).append(' ');
    array.write(held.isEmpty() ? '[' : ',');
    array.writeBytes(json);
    held.add(new Held(exchange, callback));
  }

  /** By its place in the stream, because messages may have equal payloads. */
  private static String identity(Exchange exchange) {
    Message message = exchange.getMessage();
    Object sequence = message.getHeader(JetStreamConstants.STREAM_SEQUENCE);
    return sequence == null
        ? exchange.getExchangeId()
        : sequence + "@" + message.getHeader(JetStreamConstants.TIMESTAMP);
  }

  /** The same messages result in the same id, so that receivers recognize a batch sent twice. */
  private String id() {
    return UUID.nameUUIDFromBytes(identity.toString().getBytes(StandardCharsets.US_ASCII))
        .toString();
  }

  int count() {
    return held.size();
  }

  /** The size of the array in bytes if {@code more} bytes were added. */
  long sizeWith(int more) {
    return array.size() + 1L + more + 1;
  }

  Exchange last() {
    return held.get(held.size() - 1).exchange();
  }

  /** Puts the array into the last message; the outcome of its route applies to all messages. */
  void prepare() {
    array.write(']');
    Message message = last().getMessage();
    message.setBody(array.toByteArray());
    message.setHeader(Telemetry.CONTENT_TYPE, JSON);
    message.setHeader(Telemetry.MESSAGE_ID, id());
    last()
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange carrier) {
                Exception failure = carrier.getException();
                if (failure != null && held.size() > 1) {
                  failure = failed(failure);
                  carrier.setException(failure);
                }
                complete(failure, held.size() - 1);
              }
            });
  }

  /** Continues the route of the last message. */
  void go() {
    held.get(held.size() - 1).callback().done(false);
  }

  /** Fails all messages, because they will not be sent. */
  void fail(Exception failure) {
    complete(failure, held.size());
  }

  private void complete(Exception failure, int count) {
    for (Held message : held.subList(0, count)) {
      if (failure == null) {
        message.exchange().setRouteStop(true);
      } else {
        message.exchange().setException(failure);
      }
      message.callback().done(false);
    }
  }

  /** One invalid message must not turn the others into dead letters, so each is then sent alone. */
  private BatchException failed(Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidMessageException) {
        return new BatchException(
            "batch of " + held.size() + " messages: " + cause.getMessage(), null);
      }
    }
    return new BatchException(
        "batch of " + held.size() + " messages: " + failure.getMessage(), failure);
  }
}
