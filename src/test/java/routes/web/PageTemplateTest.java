package routes.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PageTemplateTest {
  @Test
  void leavesOutWhatNoRouteServes() throws IOException {
    String hub = Page.parts(template(), path -> path.equals("/metrics"));
    assertThat(hub)
        .contains("id=\"gateways\"", "id=\"flow\"", "id=\"warnings\"", "href=\"/metrics\"")
        .doesNotContain("/api/history", "/api/sample", "/api/gateways", "history-title", "charts")
        .doesNotContain("id=\"sample\"", "<!-- if", "<!-- end");
  }

  @Test
  void keepsEverythingThatIsServed() throws IOException {
    assertThat(Page.parts(template(), path -> true))
        .contains("history-title", "<!-- charts -->", "<!-- sample -->", "href=\"/api/history?")
        .doesNotContain("<!-- if", "<!-- end");
  }

  private static String template() throws IOException {
    try (InputStream in = Page.class.getResourceAsStream("/page/page.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
