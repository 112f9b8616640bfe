package routes.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The page's script and styles at {@code /assets/NAME}, for which browsers ask once per version.
 */
final class Assets {
  private static final Map<String, String> TYPES =
      Map.of(
          "page.css", "text/css; charset=utf-8",
          "page.js", "text/javascript; charset=utf-8",
          "uplot.js", "text/javascript; charset=utf-8",
          "uplot.css", "text/css; charset=utf-8");

  private final PageFiles files;

  Assets(PageFiles files) {
    this.files = files;
  }

  /** Changes with the content of any file. Reads all of them. */
  String version() {
    CRC32 sum = new CRC32();
    TYPES.keySet().stream().sorted().forEach(name -> sum.update(files.read(name)));
    return Long.toHexString(sum.getValue());
  }

  void serveFrom(Router router) {
    TYPES.keySet().forEach(name -> router.get("/assets/" + name).handler(c -> answer(c, name)));
  }

  private void answer(RoutingContext request, String name) {
    request
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, TYPES.get(name))
        .putHeader(HttpHeaders.CACHE_CONTROL, "public, max-age=31536000, immutable")
        .putHeader("X-Content-Type-Options", "nosniff")
        .end(Buffer.buffer(files.read(name)));
  }
}
