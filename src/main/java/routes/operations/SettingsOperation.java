package routes.operations;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.apache.camel.CamelContext;
import routes.bus.Bus;
import routes.settings.EffectiveSettings;
import routes.settings.Settings;
import routes.uplink.Gateways;
import routes.uplink.Json;

/** Bean {@code settingsOperation}: the command {@code settings}. */
public final class SettingsOperation {
  private static final List<String> FIELDS = List.of("next");

  private final CamelContext context;
  private final Bus bus;

  SettingsOperation(CamelContext context, Bus bus) {
    this.context = context;
    this.bus = bus;
  }

  /**
   * The settings that apply, without secrets.
   *
   * @param payload optionally {@code {"next":N}}
   * @return {@code {"settings":[{"key":"...","value":"...","from":"environment"}],"next":N}}
   */
  public byte[] answer(byte[] payload) throws InterruptedException {
    return Request.answer(payload, FIELDS, this::reply);
  }

  private ObjectNode reply(Request request) {
    long first = request.next().orElse(0);
    Settings settings = new Settings(context);
    List<ObjectNode> rows =
        EffectiveSettings.of(settings, Gateways.keys(settings)).stream()
            .map(SettingsOperation::row)
            .toList();
    ObjectNode reply = Json.object();
    ReplySize.of(bus).fill(reply, "settings", rows, first);
    return reply;
  }

  private static ObjectNode row(EffectiveSettings.Setting setting) {
    return Json.object()
        .put("key", setting.key())
        .put("value", setting.value())
        .put("from", setting.origin().name().toLowerCase(Locale.ROOT));
  }
}
