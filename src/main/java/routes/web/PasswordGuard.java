package routes.web;

import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.AuthenticationHandler;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.LoggerFactory;
import routes.log.RateLimitedLog;

/**
 * Basic authentication (RFC 7617) of every request except {@code GET /health/live}, which says only
 * whether the process works, so that probes of containers need no password.
 *
 * <p>One thread verifies passwords and rests after a wrong one, so guessing neither takes more than
 * part of one processor nor makes more than one attempt per second. Requests that find the queue
 * full are answered with 503. A verified password is remembered, so its user is not affected.
 */
final class PasswordGuard implements AuthenticationHandler {
  private static final String OPEN = "/health/live";
  private static final String SCHEME = "Basic ";
  private static final int LONGEST = 1024;
  private static final int WAITING = 8;
  private static final long REST_MILLIS = 1_000;

  private final RateLimitedLog log = new RateLimitedLog(LoggerFactory.getLogger("http"));
  private final HttpUsers users;
  private final long restMillis;
  private final SecretKeySpec key = new SecretKeySpec(random(), "HmacSHA256");

  /** A keyed digest of the verified password of each user; never the password. */
  private final Map<String, byte[]> verified = new ConcurrentHashMap<>();

  private final ThreadPoolExecutor verifier =
      new ThreadPoolExecutor(
          1,
          1,
          5,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          task -> {
            Thread thread = new Thread(task, "http-passwords");
            thread.setDaemon(true);
            return thread;
          });

  PasswordGuard(HttpUsers users) {
    this(users, REST_MILLIS);
  }

  PasswordGuard(HttpUsers users, long restMillis) {
    this.users = users;
    this.restMillis = restMillis;
    verifier.allowCoreThreadTimeOut(true);
  }

  @Override
  public void handle(RoutingContext request) {
    if (OPEN.equals(request.normalizedPath())) {
      request.next();
      return;
    }
    String[] login = login(request.request().getHeader(HttpHeaders.AUTHORIZATION));
    if (login == null) {
      challenge(request);
      return;
    }
    byte[] digest = digest(login[1]);
    if (isKnown(login[0], digest)) {
      request.next();
      return;
    }
    Context loop = request.vertx().getOrCreateContext();
    request.request().pause();
    try {
      verifier.execute(() -> verify(request, loop, login, digest));
    } catch (RejectedExecutionException e) {
      request.request().resume();
      request.response().putHeader(HttpHeaders.RETRY_AFTER, "10");
      end(request, 503, "too many logins at once");
    }
  }

  private void verify(RoutingContext request, Context loop, String[] login, byte[] digest) {
    // A page sends several requests at once; the first one may have been verified meanwhile.
    boolean right = isKnown(login[0], digest) || users.verify(login[0], login[1]);
    if (right) {
      verified.put(login[0], digest);
    }
    loop.runOnContext(
        nothing -> {
          request.request().resume();
          if (right) {
            request.next();
          } else {
            // Not the name, because people type passwords there.
            log.warn(
                "wrong user or password from " + request.request().remoteAddress().hostAddress());
            challenge(request);
          }
        });
    if (!right) {
      try {
        TimeUnit.MILLISECONDS.sleep(restMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean isKnown(String name, byte[] digest) {
    byte[] known = verified.get(name);
    return known != null && MessageDigest.isEqual(known, digest);
  }

  /** Name and password, or null if the header has none. */
  private static String[] login(String header) {
    if (header == null
        || header.length() > LONGEST
        || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
      String text = new String(bytes, StandardCharsets.UTF_8);
      int colon = text.indexOf(':');
      return colon < 1 ? null : new String[] {text.substring(0, colon), text.substring(colon + 1)};
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static void challenge(RoutingContext request) {
    request
        .response()
        .putHeader("WWW-Authenticate", "Basic realm=\"cloud-iot-routes\", charset=\"UTF-8\"");
    end(request, 401, "user and password required");
  }

  private static void end(RoutingContext request, int status, String text) {
    request
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
        // The body of the request, if any, is not read.
        .putHeader(HttpHeaders.CONNECTION, "close")
        .end(text + "\n");
  }

  private byte[] digest(String password) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(password.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }
}
