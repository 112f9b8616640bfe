package routes.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import routes.log.Loops;
import routes.uplink.Json;

/**
 * Server-sent events at {@code /api/events}: once per second, the sections of the page that have
 * changed, as a JSON object with the HTML of each section by id. Sections are built only while
 * somebody reads, once for all readers.
 *
 * <p>A reader whose connection is full is skipped and later receives the newest state, so that it
 * holds no more than one event. After 30 s its connection is closed.
 */
final class Events {
  static final String PATH = "/api/events";

  private static final int MOST_READERS = 16;

  /** Proxies and readers notice a lost connection. */
  private static final int HEARTBEAT_TICKS = 15;

  private static final int PATIENCE_TICKS = 30;
  private static final int SLOW_TICKS = 5;
  private static final int QUEUE_BYTES = 32 * 1024;

  private final Vertx vertx;
  private final long period;
  private final List<Section> sections;
  private final Runnable slow;
  private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
  private long timer;
  private long ticks;
  private final AtomicBoolean building = new AtomicBoolean();
  private final AtomicBoolean buildingSlow = new AtomicBoolean();

  /** What a connection has been sent. */
  private static final class Reader {
    private final HttpServerResponse response;
    private final HttpConnection connection;
    private final Map<String, String> sent = new LinkedHashMap<>();
    private int idle;
    private int full;

    Reader(RoutingContext request) {
      this.response = request.response();
      this.connection = request.request().connection();
    }
  }

  /**
   * @param period of the events in ms
   * @param slow builds what may take longer, every fifth time
   */
  Events(Vertx vertx, long period, List<Section> sections, Runnable slow) {
    this.vertx = vertx;
    this.period = period;
    this.sections = sections;
    this.slow = slow;
  }

  void serveFrom(Router router) {
    router.get(PATH).handler(this::open);
  }

  private synchronized void open(RoutingContext request) {
    HttpServerResponse response = request.response();
    if (readers.size() >= MOST_READERS) {
      response
          .setStatusCode(503)
          .putHeader(HttpHeaders.RETRY_AFTER, "10")
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .end("{\"error\":\"" + MOST_READERS + " readers of events are connected; try later\"}");
      return;
    }
    Reader reader = new Reader(request);
    response
        .setChunked(true)
        .setWriteQueueMaxSize(QUEUE_BYTES)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .closeHandler(closed -> close(reader))
        .exceptionHandler(failed -> close(reader))
        .write("retry: 2000\n\n");
    readers.add(reader);
    if (timer == 0) {
      timer = vertx.setPeriodic(1, period, id -> tick());
    }
  }

  private synchronized void close(Reader reader) {
    if (readers.remove(reader) && readers.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = 0;
    }
  }

  /** On an event loop, which must not wait. */
  private void tick() {
    if (ticks++ % SLOW_TICKS == 0) {
      build(buildingSlow, slow);
    }
    build(building, this::send);
  }

  /** Runs a step on a worker thread, unless the previous run has not ended. */
  private void build(AtomicBoolean running, Runnable step) {
    if (running.compareAndSet(false, true)) {
      vertx.executeBlocking(
          () -> {
            Loops.step("page", step).run();
            running.set(false);
            return null;
          },
          false);
    }
  }

  private void send() {
    Map<String, String> now = new LinkedHashMap<>();
    sections.forEach(section -> now.put(section.id(), section.html()));
    readers.forEach(reader -> send(reader, now));
  }

  private void send(Reader reader, Map<String, String> now) {
    if (reader.response.writeQueueFull()) {
      if (++reader.full > PATIENCE_TICKS) {
        SlowReaders.close(reader.connection);
        close(reader);
      }
      return;
    }
    reader.full = 0;
    ObjectNode changed = Json.object();
    now.forEach(
        (id, html) -> {
          if (!html.equals(reader.sent.put(id, html))) {
            changed.put(id, html);
          }
        });
    if (!changed.isEmpty()) {
      reader.idle = 0;
      String event = new String(Json.write(changed), StandardCharsets.UTF_8);
      reader.response.write("data: " + event + "\n\n");
    } else if (++reader.idle >= HEARTBEAT_TICKS) {
      reader.idle = 0;
      reader.response.write(": \n\n");
    }
  }
}
