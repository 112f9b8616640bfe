package routes.web;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The page at {@code /}. Complete without scripts; the script adds charts and replaces sections
 * that {@link Events} sends.
 */
public final class Page {
  /** Nothing from elsewhere, nothing inline. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final List<Section> sections;
  private final Charts charts;
  private final DeadLettersSection dead;
  private final PageFiles files;
  private final String version;

  /**
   * @param version of the assets
   */
  Page(
      List<Section> sections,
      Charts charts,
      DeadLettersSection dead,
      PageFiles files,
      String version) {
    this.sections = sections;
    this.charts = charts;
    this.dead = dead;
    this.files = files;
    this.version = version;
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

  private String html() {
    String html = new String(files.read("page.html"), StandardCharsets.UTF_8);
    for (Section section : sections) {
      html = html.replace("<!-- " + section.id() + " -->", section.html());
    }
    return html.replace("<!-- charts -->", charts.html()).replace("VERSION", version);
  }
}
