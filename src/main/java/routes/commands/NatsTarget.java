package routes.commands;

import com.fasterxml.jackson.databind.JsonNode;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import routes.uplink.Json;
import routes.uplink.Reply;

/**
 * Commands as NATS requests on {@code commands.<device>.<name>}. A responder refuses by a NATS
 * service's error headers (ADR-32), or, since a Camel route's reply has no headers, by a JSON
 * object with a {@code status} from 400 to 599 and an {@code error} text.
 */
final class NatsTarget implements CommandTarget {
  private static final String ERROR_CODE = "Nats-Service-Error-Code";
  private static final String ERROR = "Nats-Service-Error";
  private static final Pattern REFUSING_CODE = Pattern.compile("[45]\\d\\d");

  private final Connection nats;
  private final String prefix;
  private final Duration timeout;

  /**
   * @param nats reports it when nobody responds
   */
  NatsTarget(Connection nats, String device, Duration timeout) {
    this.nats = nats;
    this.prefix = "commands." + device + ".";
    this.timeout = timeout;
  }

  @Override
  public Reply send(String name, byte[] payload) throws InterruptedException {
    CompletableFuture<Message> reply;
    try {
      // jnats would give up a little later than this waits, so that only one of them times out
      reply = nats.requestWithTimeout(prefix + name, payload, timeout.multipliedBy(2));
    } catch (IllegalStateException e) {
      return Reply.refusal(503, nats + " is away");
    } catch (IllegalArgumentException e) {
      return Reply.refusal(413, "the payload is larger than nats-server's max_payload");
    }
    try {
      return read(reply.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      reply.cancel(true);
      return Reply.refusal(504, "no reply within " + Period.text(timeout));
    } catch (ExecutionException e) {
      return e.getCause() instanceof JetStreamStatusException
          ? Reply.refusal(404, "nothing on this device responds to this command")
          : Reply.refusal(500, "the request failed");
    } catch (CancellationException e) {
      return Reply.refusal(503, nats + " went away before it replied");
    }
  }

  private static Reply read(Message message) {
    byte[] body = message.getData();
    if (body.length > Reply.LARGEST) {
      return Reply.tooLarge();
    }
    String code = message.hasHeaders() ? message.getHeaders().getFirst(ERROR_CODE) : null;
    if (code != null) {
      int status = REFUSING_CODE.matcher(code).matches() ? Integer.parseInt(code) : 500;
      String error = Optional.ofNullable(message.getHeaders().getFirst(ERROR)).orElse("refused");
      return body.length == 0 ? Reply.refusal(status, error) : new Reply(status, body);
    }
    return new Reply(Json.read(body).map(NatsTarget::status).orElse(200), body);
  }

  private static int status(JsonNode reply) {
    JsonNode status = reply.path("status");
    boolean refusal =
        reply.path("error").isTextual()
            && status.isInt()
            && status.intValue() >= 400
            && status.intValue() <= 599;
    return refusal ? status.intValue() : 200;
  }
}
