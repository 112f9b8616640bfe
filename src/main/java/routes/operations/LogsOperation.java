package routes.operations;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Level;
import org.apache.camel.CamelContext;
import routes.bus.Bus;
import routes.log.RecentLines;
import routes.settings.Redaction;
import routes.settings.Settings;
import routes.uplink.Gateways;
import routes.uplink.Json;

/**
 * Bean {@code logsOperation}: the command {@code logs}. Keeps the lines of the log from its
 * creation on.
 */
public final class LogsOperation {
  private static final List<String> FIELDS = List.of("lines", "level", "next");
  private static final List<String> LEVELS = List.of("ERROR", "WARN", "INFO", "DEBUG", "TRACE");
  private static final List<Level> VALUES =
      List.of(Level.SEVERE, Level.WARNING, Level.INFO, Level.FINE, Level.ALL);
  private static final int USUAL = 100;
  private static final int MOST = 1000;
  private static final int LONGEST = 2000;

  private final CamelContext context;
  private final Bus bus;
  private final RecentLines log;

  LogsOperation(CamelContext context, Bus bus, RecentLines log) {
    this.context = context;
    this.bus = bus;
    this.log = log;
  }

  /**
   * The newest lines, the oldest first, without secrets.
   *
   * @param payload optionally {@code {"lines":100,"level":"WARN","next":N}}
   * @return {@code {"from":"...","lines":["..."],"next":N}}; {@code from} is the time of the oldest
   *     line that is kept, {@code next} continues with older lines
   */
  public byte[] answer(byte[] payload) throws InterruptedException {
    return Request.answer(payload, FIELDS, this::reply);
  }

  private ObjectNode reply(Request request) {
    long most = request.number("lines", 1, MOST).orElse(USUAL);
    long before = request.next().orElse(Long.MAX_VALUE);
    int least = request.word("level", LEVELS).map(LogsOperation::value).orElse(Integer.MIN_VALUE);
    if (!RecentLines.areKept()) {
      throw new RefusedException(409, "camel-jbang has a log of its own, which is not kept");
    }
    List<RecentLines.Line> lines = new ArrayList<>(log.lines());
    ObjectNode reply = Json.object();
    if (!lines.isEmpty()) {
      reply.put("from", lines.get(0).time().toString());
    }
    lines.removeIf(line -> line.number() >= before || line.level() < least);
    Collections.reverse(lines);
    Redaction redaction = Redaction.of(new Settings(context), Gateways.keys(new Settings(context)));
    ReplySize size = ReplySize.of(bus);
    ArrayNode part = Json.object().arrayNode();
    long next = 0;
    for (RecentLines.Line line : lines) {
      if (part.size() == most || !size.add(part, text(redaction, line))) {
        next = lines.get(part.size() - 1).number();
        break;
      }
    }
    ArrayNode oldestFirst = reply.putArray("lines");
    for (int i = part.size() - 1; i >= 0; i--) {
      oldestFirst.add(part.get(i));
    }
    if (next > 0) {
      reply.put("next", next);
    }
    return reply;
  }

  private static TextNode text(Redaction redaction, RecentLines.Line line) {
    String text = redaction.apply(line.text());
    return TextNode.valueOf(text.substring(0, Math.min(text.length(), LONGEST)));
  }

  private static int value(String level) {
    return VALUES.get(LEVELS.indexOf(level)).intValue();
  }
}
