package routes.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.timer.TimerEndpoint;
import org.apache.camel.spi.RouteController;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.Settings;
import routes.uplink.Json;
import routes.uplink.Reply;

/**
 * Bean {@code collectPeriod}: the command that changes how often route collect-metrics takes a
 * sample, immediately and persistently.
 */
public final class CollectPeriod {
  private static final Logger LOG = LoggerFactory.getLogger("collect-period");
  private static final String KEY = "collect.period";
  private static final String ROUTE = "collect-metrics";
  private static final int LARGEST = 1024;

  private final CamelContext context;
  private final Settings settings;
  private final StoredPeriod stored;

  CollectPeriod(CamelContext context) {
    this.context = context;
    this.settings = new Settings(context);
    this.stored = StoredPeriod.of(settings);
  }

  /**
   * Called at startup, before routes are loaded: the stored period overrides collect.period.
   *
   * @throws routes.settings.SettingException if data.directory cannot be written
   */
  public static void restore(Settings settings) {
    StoredPeriod stored = StoredPeriod.of(settings);
    stored.checkFolder();
    String setting = settings.find(KEY).orElse("");
    try {
      Optional<String> kept = stored.read().map(Period::text);
      kept.filter(period -> !period.equals(setting))
          .ifPresent(
              period -> {
                LOG.info(
                    "collect.period is {}, set by the command collect-period; delete {} to restore"
                        + " {}",
                    period,
                    stored.file(),
                    setting);
                settings.override(KEY, period);
              });
    } catch (IOException e) {
      LOG.warn("collect.period is {}: {} is ignored: {}", setting, stored.file(), problem(e));
    }
  }

  /**
   * Runs the command.
   *
   * @param payload {@code {"period":"5s"}} or {@code "5s"}, from 500ms to 1d; nothing, null or {}
   *     requests the current period
   * @return {@code {"period":"5s"}}, or a refusal
   */
  public synchronized byte[] answer(byte[] payload) throws Exception {
    Route route = context.getRoute(ROUTE);
    if (route == null || !(route.getEndpoint() instanceof TimerEndpoint timer)) {
      return Reply.refusal(409, "there is no route " + ROUTE + " with a timer").body();
    }
    Optional<JsonNode> json = payload.length > LARGEST ? Optional.empty() : Json.read(payload);
    JsonNode asked = json.map(CollectPeriod::period).orElse(null);
    if (asked != null && (asked.isMissingNode() || asked.isNull())) {
      return current(timer);
    }
    Optional<Duration> next = asked == null ? Optional.empty() : Period.parse(asked.asText());
    if (next.isEmpty()) {
      return Reply.refusal(400, "period must be a time such as 5s, between 500ms and 1d").body();
    }
    try {
      stored.write(next.get());
    } catch (IOException e) {
      String where = stored.file().toAbsolutePath() + " (" + problem(e) + ")";
      return Reply.refusal(500, "data.directory: cannot write " + where).body();
    }
    change(timer, next.get());
    return current(timer);
  }

  /** The value in {"period":"5s"} or "5s"; a missing node for {}. */
  private static JsonNode period(JsonNode json) {
    return json.has("period") || json.isObject() && json.isEmpty() ? json.path("period") : json;
  }

  private static byte[] current(TimerEndpoint timer) {
    String period = Period.text(Duration.ofMillis(timer.getPeriod()));
    return Json.write(Json.object().put("period", period));
  }

  /** Also updates the setting, so that a reloaded route file uses the new period. */
  private void change(TimerEndpoint timer, Duration period) throws Exception {
    LOG.info("collect.period is now {}", Period.text(period));
    settings.override(KEY, Period.text(period));
    RouteController routes = context.getRouteController();
    routes.stopRoute(ROUTE);
    try {
      timer.setPeriod(period.toMillis());
    } finally {
      routes.startRoute(ROUTE);
    }
  }

  /** The message of a FileSystemException is just the path. */
  private static String problem(IOException e) {
    return e instanceof FileSystemException ? e.getClass().getSimpleName() : e.getMessage();
  }
}
