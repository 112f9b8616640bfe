package routes.web;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Closes connections whose client does not read a large answer, which would stay in memory. */
final class SlowReaders {
  private static final long PATIENCE = TimeUnit.SECONDS.toMillis(30);

  private SlowReaders() {}

  /** Watches the requests for a path. */
  static void closeOn(Router router, String path) {
    router.route(path).order(-1).handler(SlowReaders::watch);
  }

  /** At once; Vert.x' own close would first wait for the client to read. */
  static void close(HttpConnection connection) {
    if (connection instanceof ConnectionBase base) {
      base.fail(new IOException("the client does not read"));
    } else {
      connection.close();
    }
  }

  private static void watch(RoutingContext request) {
    request
        .vertx()
        .setTimer(
            PATIENCE,
            id -> {
              HttpServerResponse response = request.response();
              if (!response.ended() && !response.closed() && response.writeQueueFull()) {
                close(request.request().connection());
              }
            });
    request.next();
  }
}
