package routes.web;

import io.micrometer.core.instrument.Meter;
import java.util.Map;
import java.util.function.Predicate;
import routes.sample.Sampler;

/** Every number of the newest sample. */
final class SampleSection implements Section {
  static final String PATH = "/api/sample";

  private final Sampler sampler;
  private final Predicate<String> served;

  SampleSection(Sampler sampler, Predicate<String> served) {
    this.sampler = sampler;
    this.served = served;
  }

  @Override
  public String id() {
    return "sample";
  }

  @Override
  public String html() {
    if (!served.test(PATH)) {
      return "";
    }
    Html html = new Html().raw("<table><thead><tr><th>Metric<th>Value<th>Unit</tr></thead><tbody>");
    if (sampler.newest().get("metrics") instanceof Map<?, ?> metrics) {
      rows(html, "", metrics, sampler.numbers());
    }
    return html.raw("</tbody></table>").toString();
  }

  private static void rows(Html html, String path, Map<?, ?> node, Map<String, Meter.Id> meters) {
    node.forEach(
        (name, value) -> {
          String full = path.isEmpty() ? String.valueOf(name) : path + "." + name;
          if (value instanceof Map<?, ?> child) {
            rows(html, full, child, meters);
          } else {
            html.raw("<tr>").element("td", full).raw("<td class=\"number\">");
            html.text(value instanceof Long whole ? Html.count(whole) : value).raw("</td>");
            Meter.Id meter = meters.get(full);
            String unit = meter == null ? null : meter.getBaseUnit();
            html.element("td", unit == null ? "" : unit).raw("</tr>");
          }
        });
  }
}
