package routes.web;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Takes screenshots of a running page: {@code Screenshots URL FOLDER light dark phone outage}. */
final class Screenshots {
  private static final Duration SOON = Duration.ofSeconds(60);

  private Screenshots() {}

  public static void main(String... args) throws Exception {
    try (Chromium browser = new Chromium(Files.createTempDirectory("chromium"))) {
      for (int i = 2; i < args.length; i++) {
        switch (args[i]) {
          case "phone" -> browser.show(390, 844, "dark");
          case "outage" -> browser.show(1280, 800, "light");
          default -> browser.show(1280, 1420, args[i]);
        }
        browser.open(args[0]);
        Awaitility.await()
            .atMost(SOON)
            .until(
                () ->
                    browser.text("#live").equals("Live")
                        && browser
                                .script("return document.querySelectorAll('canvas').length")
                                .asInt()
                            == browser
                                .script("return document.querySelectorAll('.plot').length")
                                .asInt());
        browser.screenshot(Path.of(args[1], args[i] + ".png"));
      }
    }
  }
}
