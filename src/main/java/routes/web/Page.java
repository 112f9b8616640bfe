package routes.web;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The page at {@code /}. Complete without scripts; the script adds charts and replaces sections
 * that {@link Events} sends.
 */
public final class Page {
  /** A part that is left out unless a route serves its path. */
  private static final Pattern PART =
      Pattern.compile("<!-- if (\\S+) -->\\n?(.*?)<!-- end -->\\n?", Pattern.DOTALL);

  /** Nothing from elsewhere, nothing inline. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final List<Section> sections;
  private final Charts charts;
  private final DeadLettersSection dead;
  private final PageFiles files;
  private final String version;
  private final Predicate<String> served;

  /**
   * @param version of the assets
   * @param served whether a route serves a path
   */
  Page(
      List<Section> sections,
      Charts charts,
      DeadLettersSection dead,
      PageFiles files,
      String version,
      Predicate<String> served) {
    this.sections = sections;
    this.charts = charts;
    this.dead = dead;
    this.files = files;
    this.version = version;
    this.served = served;
  }

  /** Replaces the request with the page. */
  public void answer(Exchange exchange) {
    Message message = exchange.getMessage();
    message.removeHeaders("*"); // otherwise Camel would copy them into the response
    message.setHeader(Exchange.CONTENT_TYPE, "text/html; charset=utf-8");
    message.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    message.setHeader("X-Content-Type-Options", "nosniff");
    message.setHeader("Referrer-Policy", "no-referrer");
    message.setHeader("Cache-Control", "no-store");
    dead.refreshBriefly();
    message.setBody(html());
  }

  /** The template without the parts whose path no route serves. */
  static String parts(String template, Predicate<String> served) {
    return PART.matcher(template)
        .replaceAll(
            part -> served.test(part.group(1)) ? Matcher.quoteReplacement(part.group(2)) : "");
  }

  private String html() {
    String html = parts(new String(files.read("page.html"), StandardCharsets.UTF_8), served);
    for (Section section : sections) {
      html = html.replace("<!-- " + section.id() + " -->", section.html());
    }
    return html.replace("<!-- charts -->", charts.html()).replace("VERSION", version);
  }
}
