package routes.operations;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import routes.bus.Bus;
import routes.jetstream.DeviceDeadLetters;
import routes.jetstream.NewestDeadLetters;
import routes.jetstream.UnreadableStreamException;
import routes.settings.Settings;
import routes.uplink.Json;

/** Bean {@code deadOperation}: the command {@code dead}. */
public final class DeadOperation {
  private static final List<String> FIELDS = List.of("show", "replay", "drop", "next");
  private static final int MOST = 200;
  private static final int MOST_HEADERS = 40;

  /** Of a header, which can be as long as a message. */
  private static final int LONGEST = 500;

  private final Bus bus;
  private final DeviceDeadLetters letters;

  DeadOperation(CamelContext context, Bus bus) {
    String device = new Settings(context).require("device.id", "this device's id");
    this.bus = bus;
    this.letters = new DeviceDeadLetters(context, bus, device);
  }

  /**
   * Lists the newest dead letters, shows one, sends one to its gateway again, or removes it.
   *
   * @param payload {@code {"next":N}}, {@code {"show":N,"next":N}}, {@code {"replay":N}} or {@code
   *     {"drop":N}}; nothing lists the newest
   * @return {@code {"letters":[...],"next":N}}, {@code
   *     {"number":N,"headers":{...},"bytes":N,"text":"...","next":N}} with the content in {@code
   *     base64} if it is not plain text, {@code {"replayed":N}} or {@code {"dropped":N}}
   */
  public byte[] answer(byte[] payload) throws InterruptedException {
    return Request.answer(payload, FIELDS, this::reply);
  }

  private ObjectNode reply(Request request) throws InterruptedException {
    List<String> verbs = Stream.of("show", "replay", "drop").filter(request::has).toList();
    if (verbs.size() > 1) {
      throw new RefusedException(
          400, verbs.get(0) + " and " + verbs.get(1) + " exclude each other");
    }
    String verb = verbs.isEmpty() ? "list" : verbs.get(0);
    long number = request.sequence(verb).orElse(0);
    long next = request.next().orElse(0);
    try {
      return switch (verb) {
        case "show" -> show(number, next);
        case "replay" -> {
          content(number);
          letters.replay(number);
          yield Json.object().put("replayed", number);
        }
        case "drop" -> {
          content(number);
          letters.drop(number);
          yield Json.object().put("dropped", number);
        }
        default -> list(next == 0 ? Long.MAX_VALUE : next);
      };
    } catch (UnreadableStreamException e) {
      throw new RefusedException(503, e.getMessage());
    } catch (IllegalStateException e) {
      throw new RefusedException(409, e.getMessage());
    }
  }

  private ObjectNode list(long before) throws UnreadableStreamException, InterruptedException {
    DeviceDeadLetters.Page page = letters.before(before, MOST);
    ObjectNode reply = Json.object();
    ArrayNode rows = reply.putArray("letters");
    ReplySize size = ReplySize.of(bus);
    long next = page.next();
    for (NewestDeadLetters.Letter letter : page.newest()) {
      if (!size.add(rows, row(letter))) {
        next = letter.number() + 1;
        break;
      }
    }
    if (next > 0) {
      reply.put("next", next);
    }
    return reply;
  }

  private static ObjectNode row(NewestDeadLetters.Letter letter) {
    return Json.object()
        .put("number", letter.number())
        .put("gateway", letter.gateway())
        .put("lastTry", letter.lastTry())
        .put("tries", tries(letter))
        .put("reason", letter.reason())
        .put("subject", cut(letter.subject()))
        .put("id", cut(letter.id()))
        .put("bytes", letter.bytes());
  }

  /** Null if unknown. */
  private static Integer tries(NewestDeadLetters.Letter letter) {
    return letter.tries().matches("\\d{1,9}") ? Integer.valueOf(letter.tries()) : null;
  }

  private ObjectNode show(long number, long next)
      throws UnreadableStreamException, InterruptedException {
    DeviceDeadLetters.Content letter = content(number);
    if (next > letter.body().length) {
      throw new RefusedException(400, "next must be at most " + letter.body().length);
    }
    ObjectNode reply = Json.object().put("number", number);
    ReplySize size = ReplySize.of(bus);
    if (next == 0) {
      ObjectNode headers = reply.putObject("headers");
      letter.headers().entrySet().stream()
          .limit(MOST_HEADERS)
          .forEach(header -> headers.put(cut(header.getKey()), cut(header.getValue())));
    }
    reply.put("bytes", letter.body().length);
    new BodyPart(letter.body(), (int) next).putInto(reply, size.left() - Json.write(reply).length);
    return reply;
  }

  private static String cut(String text) {
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
  }

  private DeviceDeadLetters.Content content(long number)
      throws UnreadableStreamException, InterruptedException {
    return letters
        .get(number)
        .orElseThrow(() -> new RefusedException(404, "this device has no dead letter " + number));
  }
}
