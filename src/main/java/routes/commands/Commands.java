package routes.commands;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.uplink.Json;
import routes.uplink.Reply;

/**
 * Bean {@code commands}: runs a command that came from a cloud, whichever it is.
 *
 * <p>In: header {@code Command-Name}, and JSON or nothing as the body. Out: header {@code
 * Command-Status} (Integer, as in HTTP) and the reply as the body (byte[]); what this class itself
 * refuses is {@code {"status":403,"error":"..."}}:
 *
 * <ul>
 *   <li>400 - a name that isn't 1 to 64 letters, digits, '-' and '_', or a payload that is no JSON
 *   <li>403 - a name that commands.allow doesn't have
 *   <li>404 - nothing responds
 *   <li>413 - a payload over 128 KB
 *   <li>502 - a reply over 128 KB, or no HTTP server where commands.http-url says
 *   <li>503 - NATS is away, or too many commands are being worked on
 *   <li>504 - no reply within commands.timeout
 * </ul>
 */
public final class Commands {
  /** Header: the command's name. */
  public static final String NAME = "Command-Name";

  /** Header: the status of the reply. */
  public static final String STATUS = "Command-Status";

  /** Commands that are worked on at once, of all clouds. */
  private static final int PLACES = 64;

  /** How long a command may wait for a place: it holds up the next message of its cloud. */
  private static final long PLACE_MILLIS = 250;

  private final Semaphore places = new Semaphore(PLACES);
  private final CommandSettings settings;
  private final CommandTarget target;
  private final CommandMeters meters;

  Commands(CommandSettings settings, CommandTarget target, CommandMeters meters) {
    this.settings = settings;
    this.target = target;
    this.meters = meters;
  }

  /** Never throws, and always answers. */
  public void run(Exchange exchange) {
    long start = System.nanoTime();
    Message message = exchange.getMessage();
    Logger log = LoggerFactory.getLogger(route(exchange));
    String name = null;
    Reply reply;
    try {
      name = message.getHeader(NAME, String.class);
      reply = answer(name, message.getBody(byte[].class));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reply = Reply.refusal(503, "the runtime is stopping");
    } catch (RuntimeException e) {
      log.warn("a command failed: {}", e.toString());
      reply = Reply.refusal(500, "the command failed; the device's log says why");
    }
    message.setBody(reply.body());
    message.setHeader(STATUS, reply.status());
    String shown = CommandSettings.isName(name) ? name : "a command with a bad name";
    long millis = (System.nanoTime() - start) / 1_000_000;
    log.info("{}: {} in {} ms", shown, reply.status(), millis);
    meters.count(shown, reply.status());
  }

  private Reply answer(String name, byte[] body) throws InterruptedException {
    byte[] payload = body == null ? new byte[0] : body;
    if (!CommandSettings.isName(name)) {
      return Reply.refusal(400, "a command's name is 1 to 64 letters, digits, '-' and '_'");
    }
    if (!settings.allows(name)) {
      return Reply.refusal(403, "commands.allow on this device doesn't have this command");
    }
    if (payload.length > Reply.LARGEST) {
      return Reply.refusal(413, "the payload is larger than " + Reply.LARGEST + " bytes");
    }
    if (!Json.isJson(payload)) {
      return Reply.refusal(400, "the payload is no JSON");
    }
    if (!places.tryAcquire(PLACE_MILLIS, TimeUnit.MILLISECONDS)) {
      return Reply.refusal(503, PLACES + " commands are being worked on");
    }
    try {
      return target.send(name, payload);
    } finally {
      places.release();
    }
  }

  private static String route(Exchange exchange) {
    return exchange.getFromRouteId() == null ? "commands" : exchange.getFromRouteId();
  }
}
