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
 * Bean {@code commands}: runs a command from any cloud without blocking a thread.
 *
 * <p>A command waits while NATS is unavailable, unless its sender waits for the reply.
 *
 * <p>In: header {@link Command#NAME}, and JSON or nothing as the body. If header {@link
 * Command#STATUS} is set, the body already is the reply. Out: header {@link Command#STATUS} and the
 * reply as the body (byte[]). Refusals by this class are {@code {"status":403,"error":"..."}}:
 *
 * <ul>
 *   <li>400 - the name is not 1 to 64 letters, digits, '-' and '_', or the payload is not JSON
 *   <li>403 - the name is not in commands.allow
 *   <li>404 - nothing responds
 *   <li>413 - a payload over 128 KB
 *   <li>502 - a reply over 128 KB, or no HTTP server at commands.http-url
 *   <li>503 - NATS is unavailable or disconnected, or too many commands are running
 *   <li>504 - no reply within commands.timeout
 * </ul>
 */
public final class Commands extends AsyncProcessorSupport {
  /** How many commands may run at once, from all clouds. */
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

  /** Never fails, and always replies unless the runtime stops before the command runs. */
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
    // not on the network thread, because later steps may block
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
    return Reply.refusal(500, "the command failed; see the device log");
  }

  private void replied(Exchange exchange, String name, Reply reply, long start) {
    Message message = exchange.getMessage();
    message.setBody(reply.body());
    message.setHeader(Command.STATUS, reply.status());
    String shown = CommandSettings.isName(name) ? name : "a command with an invalid name";
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
      return refusal(400, "invalid command name; use 1 to 64 letters, digits, '-' and '_'");
    }
    if (!settings.allows(name)) {
      return refusal(403, "commands.allow on this device does not include " + name);
    }
    if (payload.length > Reply.LARGEST) {
      return refusal(413, "the payload is larger than " + Reply.LARGEST + " bytes");
    }
    if (!Json.isJson(payload)) {
      return refusal(400, "the payload is not JSON");
    }
    if (!places.tryAcquire()) {
      return refusal(503, PLACES + " commands are already running");
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
