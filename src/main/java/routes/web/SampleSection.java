package routes.web;

import java.util.Map;
import routes.sample.Sampler;

/** Every number of the newest sample. */
final class SampleSection implements Section {
  private final Sampler sampler;

  SampleSection(Sampler sampler) {
    this.sampler = sampler;
  }

  @Override
  public String id() {
    return "sample";
  }

  @Override
  public String html() {
    Html html = new Html().raw("<table><thead><tr><th>Metric<th>Value</tr></thead><tbody>");
    if (sampler.newest().get("metrics") instanceof Map<?, ?> metrics) {
      rows(html, "", metrics);
    }
    return html.raw("</tbody></table>").toString();
  }

  private static void rows(Html html, String path, Map<?, ?> node) {
    node.forEach(
        (name, value) -> {
          String full = path.isEmpty() ? String.valueOf(name) : path + "." + name;
          if (value instanceof Map<?, ?> child) {
            rows(html, full, child);
          } else {
            html.raw("<tr>").element("td", full).raw("<td class=\"number\">");
            html.text(value instanceof Long whole ? Html.count(whole) : value).raw("</td></tr>");
          }
        });
  }
}
