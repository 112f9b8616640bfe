package routes.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import routes.sample.Sampler;

/** The figures that the page's script fills from {@code /api/history}. */
final class Charts {
  /**
   * A figure.
   *
   * @param metric with or without attribute values
   * @param unit percent, bytes/s or celsius
   */
  private record Chart(String title, String metric, String unit) {}

  private static final List<Chart> CHARTS =
      List.of(
          new Chart("Processor", "system.cpu.utilization", "percent"),
          new Chart("Memory used", "system.memory.utilization.used", "percent"),
          new Chart("Temperature", "hw.temperature", "celsius"),
          new Chart("Disk space used", "system.filesystem.utilization", "percent"),
          new Chart("Disk traffic", "system.disk.io", "bytes/s"),
          new Chart("Network traffic", "system.network.io", "bytes/s"));

  private final Sampler sampler;

  Charts(Sampler sampler) {
    this.sampler = sampler;
  }

  /** Figures for what this host measures, and a line about what it does not. */
  String html() {
    Set<String> names = sampler.numbers().keySet();
    List<String> absent = new ArrayList<>();
    Html html = new Html().raw("<div class=\"charts\">");
    for (Chart chart : CHARTS) {
      String metric = chart.metric();
      if (names.stream().noneMatch(name -> name.equals(metric) || name.startsWith(metric + "."))) {
        absent.add(chart.title().toLowerCase(java.util.Locale.ROOT));
        continue;
      }
      html.raw("<figure class=\"chart\" data-metric=\"").text(metric);
      html.raw("\" data-unit=\"").text(chart.unit()).raw("\"><figcaption>");
      html.element("b", chart.title()).raw("<span class=\"now\"></span></figcaption>");
      html.raw("<div class=\"plot\" aria-hidden=\"true\"></div></figure>");
    }
    html.raw("</div>");
    if (!absent.isEmpty()) {
      html.raw("<p class=\"soft\">Not measured on this host: ");
      html.text(String.join(", ", absent)).raw(".</p>");
    }
    return html.toString();
  }
}
