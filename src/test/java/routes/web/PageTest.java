package routes.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import routes.NatsServer;
import routes.sandbox.FaultProxy;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;

/** The page of a running runtime, without scripts and in a real headless Chromium. */
@Tag("slow")
@Timeout(240)
class PageTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Path SCREENSHOTS = Path.of("target/screenshots");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUDGET = 150_000;

  @RegisterExtension final NatsServer nats = new NatsServer();

  // The browser may still write to it while it ends.
  @TempDir(cleanup = CleanupMode.NEVER)
  Path profile;

  private final SandboxBroker broker = new SandboxBroker();
  private FaultProxy proxy;
  private RuntimeProcess runtime;

  @BeforeEach
  void start() throws Exception {
    broker.start(0);
    proxy = new FaultProxy(broker.port());
    runtime =
        RuntimeProcess.start(
            Map.of(
                "DEVICE_ID", "edge-1",
                "DEVICE_LABELS", "site=<script>alert(1)</script>,line=3",
                "NATS_SERVERS", nats.url(),
                "GATEWAYS", "mqtt",
                "MQTT_URL", "tcp://127.0.0.1:" + proxy.port(),
                "RECONNECT_MAX", "2s",
                "COLLECT_PERIOD", "500ms"));
    await().atMost(SOON).until(() -> runtime.get("/health/ready").status() == 200);
  }

  @AfterEach
  void stop() {
    runtime.close();
    proxy.close();
    broker.close();
  }

  @Test
  void isCompleteWithoutScriptsAndLoadsNothingFromElsewhere() throws Exception {
    HttpResponse<String> page =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(runtime.url("/"))).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'")
        .doesNotContain("unsafe");
    String html = page.body();
    assertThat(html)
        .contains("<h1>edge-1</h1>", "<b>&lt;script&gt;alert(1)&lt;/script&gt;</b>")
        .contains("<h3>mqtt</h3>", "Connected", "collect-metrics", "gateway-mqtt")
        .contains("system.memory.utilization.used", "None since the start.")
        .contains(
            "History</h2>", "<td>system.uptime</td>", "<td>bytes</td>", "href=\"/api/sample\"")
        .doesNotContain("<!-- ", "VERSION")
        .doesNotContainPattern("(src|href|action)=\"(https?:)?//");
    long bytes = html.length();
    for (String name : new String[] {"page.css", "page.js", "uplot.js", "uplot.css"}) {
      RuntimeProcess.Answer asset = runtime.get("/assets/" + name);
      assertThat(asset.status()).isEqualTo(200);
      bytes += asset.body().length();
    }
    assertThat(html).contains("/assets/page.css?", "/assets/page.js?");
    System.out.println("the page has " + bytes + " bytes");
    assertThat(bytes).isLessThan(BUDGET);
    assertThat(runtime.get("/assets/page.html").status()).isEqualTo(404);
  }

  @Test
  void doesNotWaitForASlowNats() throws Exception {
    assertThat(runtime.get("/").status()).isEqualTo(200);
    nats.pause();
    try {
      Thread.sleep(4_100); // dead letters younger than 4 s are not read again
      long start = System.nanoTime();
      assertThat(runtime.get("/").body()).contains("<h1>edge-1</h1>");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isLessThan(Duration.ofSeconds(3)); // NATS has 5 s
    } finally {
      nats.resume();
    }
  }

  @Test
  void showsTheNumbersOfTheApiAndAnOutage() throws Exception {
    assumeTrue(Chromium.isInstalled(), "chromium and chromedriver are not installed");
    try (Chromium browser = new Chromium(profile)) {
      browser.show(1280, 1000, "light");
      browser.open(runtime.url("/"));
      until(() -> browser.text("#live").equals("Live"));
      until(() -> browser.script("return document.querySelectorAll('canvas').length").asInt() > 2);
      until(() -> number(browser, "Delivered") > 3);

      // The API is read before and after the page, because both count on.
      long before = delivered();
      long shown = number(browser, "Delivered");
      assertThat(shown).isBetween(before - 10, delivered());
      assertThat(browser.text("h1")).isEqualTo("edge-1");
      assertThat(browser.text(".chart .now")).matches("[0-9.]+ %(?s:.*)");
      browser.screenshot(SCREENSHOTS.resolve("light.png"));
      String first = firstPaint(browser);
      browser.open(runtime.url("/"));
      until(() -> browser.text("#live").equals("Live"));
      System.out.println(
          "first paint after " + firstPaint(browser) + " ms; of a new runtime " + first + " ms");

      long cut = System.nanoTime();
      proxy.down();
      until(() -> browser.text(".card .pill").equals("Unreachable"));
      System.out.println("the card changed after " + (System.nanoTime() - cut) / 1_000_000 + " ms");
      assertThat(browser.text("#announcement")).isEqualTo("Gateway mqtt: Unreachable");
      assertThat(browser.text("#status .pill")).isEqualTo("Not ready");
      assertThat(title(browser)).startsWith("Not ready · edge-1");
      assertThat(browser.text(".card .error")).contains("connection");
      until(() -> number(browser, "Backlog") > 0);
      until(() -> browser.text("#warnings").contains("gateway-mqtt"));
      browser.show(390, 1600, "dark");
      browser.screenshot(SCREENSHOTS.resolve("outage-phone.png"));
      assertThat(browser.script("return document.documentElement.scrollWidth").asInt())
          .as("nothing is wider than a phone")
          .isEqualTo(390);

      proxy.heal();
      until(() -> browser.text(".card .pill").equals("Connected"));
      until(() -> number(browser, "Backlog") == 0);
      deadLetter();
      until(() -> browser.text("#dead").contains("payload format invalid"));
      browser.show(1280, 1000, "dark");
      browser.script("document.querySelector('details').open = true");
      browser.screenshot(SCREENSHOTS.resolve("dark.png"));
      assertThat(browser.script("return document.querySelector('details').open").asBoolean())
          .as("an update leaves open what the reader has opened")
          .isTrue();
      assertThat(browser.console()).noneMatch(line -> line.startsWith("SEVERE"));
      assertThat(browser.text("#lost")).isEmpty();
      runtime.close();
      until(() -> browser.text("#lost").startsWith("No updates from the runtime since "));
      assertThat(title(browser)).startsWith("No updates · edge-1");
      browser.screenshot(SCREENSHOTS.resolve("stopped.png"));
    }
  }

  private static String title(Chromium browser) throws IOException {
    return browser.script("return document.title").asText();
  }

  private static String firstPaint(Chromium browser) throws IOException {
    return browser
        .script(
            "return Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)")
        .asText();
  }

  private void deadLetter() throws Exception {
    Headers headers = new Headers();
    headers.put("Dead-Gateway", "gateway-mqtt");
    headers.put("Dead-Reason", "payload format invalid (0x99)");
    nats.connection()
        .jetStream()
        .publish(
            NatsMessage.builder()
                .subject("dead.gateway-mqtt.edge-1")
                .headers(headers)
                .data("{}")
                .build());
  }

  /** A number on the gateway's card; -1 if it is unknown. */
  private static long number(Chromium browser, String name) throws IOException {
    String text =
        browser
            .script(
                "return [...document.querySelectorAll('.card dt')].find(dt => dt.textContent === '"
                    + name
                    + "').nextElementSibling.textContent")
            .asText()
            .replace(",", "");
    return text.matches("\\d+") ? Long.parseLong(text) : -1;
  }

  private long delivered() throws Exception {
    JsonNode gateways = JSON.readTree(runtime.get("/api/gateways").body());
    return gateways.get(0).path("delivered").asLong();
  }

  private static void until(Callable<Boolean> condition) {
    await().pollInterval(Duration.ofMillis(50)).atMost(SOON).until(condition);
  }
}
