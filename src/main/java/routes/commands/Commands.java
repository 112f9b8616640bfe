package routes.commands;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.AsyncProcessorSupport;
import org.slf4j.LoggerFactory;
import routes.uplink.Command;
import routes.uplink.ElasticPool;
import routes.uplink.Json;
import routes.uplink.Reply;

/**
 * Bean {@code commands}: runs a command that came from a cloud, whichever it is. No thread waits
 * for the reply.
 *
 * <p>While NATS is away a command waits, unless its sender waits too.
 *
 * <p>In: header {@link Command#NAME}, and JSON or nothing as the body. With header {@link
 * Command#STATUS} it has a reply already, which is the body. Out: header {@link Command#STATUS} and
 * the reply as the body (byte[]); what this class itself refuses is {@code
 * {"status":403,"error":"..."}}:
 *
 * <ul>
 *   <li>400 - a name that isn't 1 to 64 letters, digits, '-' and '_', or a payload that is no JSON
 *   <li>403 - a name that commands.allow doesn't have
 *   <li>404 - nothing responds
 *   <li>413 - a payload over 128 KB
 *   <li>502 - a reply over 128 KB, or no HTTP server where commands.http-url says
 *   <li>503 - NATS is away or was lost, or too many commands are being worked on
 *   <li>504 - no reply within commands.timeout
 * </ul>
 */
public final class Commands extends AsyncProcessorSupport {
  /** Commands that are worked on at once, of all clouds. */
  private static final int PLACES = 64;

  private final Semaphore places = new Semaphore(PLACES);
  private final ElasticPool pool = new ElasticPool("commands", PLACES);
  private final CommandSettings settings;
  private final CommandTarget target;
  private final CommandMeters meters;

  Commands(CommandSettings settings, CommandTarget target, CommandMeters meters) {
    this.settings = settings;
    this.target = target;
    this.meters = meters;
  }

  /** Never fails, and always replies unless the runtime stops before the command ran. */
  @Override
  public boolean process(Exchange exchange, AsyncCallback callback) {
    long start = System.nanoTime();
    Message message = exchange.getMessage();
    String name = message.getHeader(Command.NAME, String.class);
    CompletableFuture<Reply> reply;
    try {
      reply = answer(exchange, name, message.getBody(byte[].class));
    } catch (RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    if (reply.isDone()) {
      end(exchange, name, reply, start);
      callback.done(true);
      return true;
    }
    // not on the thread that read it from the network: later steps may block
    CompletableFuture<Reply> ended = reply;
    reply.whenCompleteAsync(
        (answer, failure) -> {
          end(exchange, name, ended, start);
          callback.done(false);
        },
        pool);
    return false;
  }

  private void end(Exchange exchange, String name, CompletableFuture<Reply> ended, long start) {
    Throwable failure = ended.handle((reply, thrown) -> thrown).join();
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof CancellationException) {
      exchange.setProperty(Command.LEFT, true);
      exchange.setRouteStop(true);
    } else {
      Reply reply = cause == null ? ended.join() : failed(exchange, cause);
      replied(exchange, name, reply, start);
    }
  }

  private static Reply failed(Exchange exchange, Throwable failure) {
    LoggerFactory.getLogger(route(exchange)).warn("a command failed: {}", failure.toString());
    return Reply.refusal(500, "the command failed; the device's log says why");
  }

  private void replied(Exchange exchange, String name, Reply reply, long start) {
    Message message = exchange.getMessage();
    message.setBody(reply.body());
    message.setHeader(Command.STATUS, reply.status());
    String shown = CommandSettings.isName(name) ? name : "a command with a bad name";
    long millis = (System.nanoTime() - start) / 1_000_000;
    LoggerFactory.getLogger(route(exchange)).info("{}: {} in {} ms", shown, reply.status(), millis);
    meters.count(shown, reply.status());
  }

  private static String route(Exchange exchange) {
    return exchange.getFromRouteId() == null ? "commands" : exchange.getFromRouteId();
  }

  private CompletableFuture<Reply> answer(Exchange exchange, String name, byte[] body) {
    byte[] payload = body == null ? new byte[0] : body;
    Integer known = exchange.getMessage().getHeader(Command.STATUS, Integer.class);
    if (known != null) {
      return CompletableFuture.completedFuture(new Reply(known, payload));
    }
    if (!CommandSettings.isName(name)) {
      return refusal(400, "a command's name is 1 to 64 letters, digits, '-' and '_'");
    }
    if (!settings.allows(name)) {
      return refusal(403, "commands.allow on this device doesn't have this command");
    }
    if (payload.length > Reply.LARGEST) {
      return refusal(413, "the payload is larger than " + Reply.LARGEST + " bytes");
    }
    if (!Json.isJson(payload)) {
      return refusal(400, "the payload is no JSON");
    }
    if (!places.tryAcquire()) {
      return refusal(503, PLACES + " commands are being worked on");
    }
    CompletableFuture<Reply> reply;
    try {
      Command command = exchange.getProperty(Command.COMMAND, Command.class);
      Runnable begin = exchange.getProperty(Command.BEGIN, Runnable.class);
      boolean patient = command != null && !command.live();
      reply = target.send(name, payload, patient, begin == null ? () -> {} : begin);
    } catch (RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    return reply.whenComplete((answer, failure) -> places.release());
  }

  private static CompletableFuture<Reply> refusal(int status, String error) {
    return CompletableFuture.completedFuture(Reply.refusal(status, error));
  }
}
