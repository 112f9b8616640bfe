package routes.commands;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import routes.bus.BusRequests;
import routes.bus.BusRequests.Answer;
import routes.bus.BusRequests.RequestException;
import routes.uplink.Reply;

/**
 * Runs commands as NATS requests on {@code commands.<device>.<name>}. A responder refuses with the
 * error headers of a NATS service (ADR-32). The reply of a Camel route has no headers, so a route
 * refuses with a body that {@link Reply#of} reads.
 */
final class NatsTarget implements CommandTarget {
  private static final String ERROR_CODE = "Nats-Service-Error-Code";
  private static final String ERROR = "Nats-Service-Error";
  private static final Pattern REFUSING_CODE = Pattern.compile("[45]\\d\\d");

  private final BusRequests nats;
  private final String prefix;
  private final Duration timeout;

  NatsTarget(BusRequests nats, String device, Duration timeout) {
    this.nats = nats;
    this.prefix = "commands." + device + ".";
    this.timeout = timeout;
  }

  @Override
  public CompletableFuture<Reply> send(
      String name, byte[] payload, boolean patient, Runnable begin) {
    return nats.send(new BusRequests.Request(prefix + name, payload, timeout, patient, begin))
        .handle((answer, thrown) -> thrown == null ? read(answer) : refusal(thrown));
  }

  private Reply refusal(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    BusRequests.Failure why =
        cause instanceof RequestException e ? e.failure() : BusRequests.Failure.OTHER;
    return switch (why) {
      case NO_RESPONDERS -> Reply.refusal(404, "nothing on this device responds to this command");
      case UNAVAILABLE -> Reply.refusal(503, nats + " is unavailable");
      case LOST ->
          Reply.refusal(503, nats + " disconnected before the reply; the command may have run");
      case TIMED_OUT -> Reply.refusal(504, "no reply within " + Period.text(timeout));
      case TOO_LARGE -> Reply.refusal(413, "the payload is larger than nats-server's max_payload");
      case STOPPED -> throw new CancellationException();
      case OTHER -> Reply.refusal(500, "the request failed");
    };
  }

  private static Reply read(Answer answer) {
    byte[] body = answer.body();
    if (body.length > Reply.LARGEST) {
      return Reply.tooLarge();
    }
    String code = answer.header(ERROR_CODE).orElse(null);
    if (code != null) {
      int status = REFUSING_CODE.matcher(code).matches() ? Integer.parseInt(code) : 500;
      String error = answer.header(ERROR).orElse("refused");
      return body.length == 0 ? Reply.refusal(status, error) : new Reply(status, body);
    }
    return Reply.of(body);
  }
}
