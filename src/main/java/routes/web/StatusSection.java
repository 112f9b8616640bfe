package routes.web;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import routes.sample.Device;
import routes.sample.Sampler;
import routes.settings.Version;

/** The device: id, labels, uptime, newest sample, and what readiness reports. */
final class StatusSection implements Section {
  private final CamelContext context;
  private final Device device;
  private final Sampler sampler;
  private final MeterRegistry meters;
  private final Predicate<String> served;

  StatusSection(
      CamelContext context,
      Device device,
      Sampler sampler,
      MeterRegistry meters,
      Predicate<String> served) {
    this.context = context;
    this.device = device;
    this.sampler = sampler;
    this.meters = meters;
    this.served = served;
  }

  @Override
  public String id() {
    return "status";
  }

  @Override
  public String html() {
    List<HealthCheck.Result> problems = problems();
    Html html = new Html();
    html.raw("<div class=\"title\">").element("h1", device.id());
    html.raw("<span class=\"pill ").raw(problems.isEmpty() ? "good" : "bad").raw("\">");
    html.raw(problems.isEmpty() ? "Ready" : "Not ready").raw("</span>");
    device
        .labels()
        .forEach(
            (name, value) ->
                html.raw("<span class=\"label\">")
                    .text(name + " ")
                    .element("b", value)
                    .raw("</span>"));
    html.raw("</div><dl class=\"facts\">");
    Gauge uptime = meters.find("system.uptime").gauge();
    if (uptime != null) {
      fact(html, "Host up").text(Html.duration(Duration.ofSeconds((long) uptime.value())));
      html.raw("</dd></div>");
    }
    fact(html, "Runtime up").text(Html.duration(context.getUptime()));
    html.raw("</dd></div>");
    if (served.test(SampleSection.PATH)) {
      Object sampled = sampler.newest().get("timestamp");
      fact(html, "Newest sample").time(Instant.parse(String.valueOf(sampled))).raw("</dd></div>");
    }
    fact(html, "Version").text(Version.text()).raw("</dd></div></dl>");
    html.raw("<ul class=\"problems\">"); // empty, it keeps the place of one line
    for (HealthCheck.Result problem : problems) {
      html.raw("<li>").element("b", problem.getCheck().getId()).raw(" ");
      html.text(problem.getMessage().orElse("is not ready")).raw("</li>");
    }
    return html.raw("</ul>").toString();
  }

  private static Html fact(Html html, String name) {
    return html.raw("<div>").element("dt", name).raw("<dd>");
  }

  private List<HealthCheck.Result> problems() {
    Collection<HealthCheck.Result> results = HealthCheckHelper.invokeReadiness(context);
    return results.stream().filter(result -> result.getState() == HealthCheck.State.DOWN).toList();
  }
}
