package routes.commands;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import routes.tls.TlsFault;
import routes.uplink.Reply;

/** Runs commands as {@code POST <url>/<name>}; the response's status and body are the reply. */
final class HttpTarget implements CommandTarget {
  private final URI url;
  private final Supplier<SSLContext> tls;
  private final Duration timeout;
  private HttpClient client;

  /**
   * @param tls the TLS context for https
   */
  HttpTarget(URI url, Supplier<SSLContext> tls, Duration timeout) {
    this.url = url;
    this.tls = tls;
    this.timeout = timeout;
  }

  @Override
  public CompletableFuture<Reply> send(
      String name, byte[] payload, boolean patient, Runnable begin) {
    begin.run();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/" + name))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(payload))
            .build();
    CompletableFuture<HttpResponse<byte[]>> response =
        client().sendAsync(request, head -> new BoundedBody(Reply.LARGEST));
    // also covers a response body that never ends, unlike the request's own timeout
    return response
        .copy()
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (answer, thrown) -> {
              response.cancel(true);
              return thrown == null
                  ? new Reply(answer.statusCode(), answer.body())
                  : refusal(thrown instanceof CompletionException ? thrown.getCause() : thrown);
            });
  }

  private Reply refusal(Throwable cause) {
    if (cause instanceof TimeoutException) {
      return Reply.refusal(504, "no reply within " + Period.text(timeout));
    }
    if (cause instanceof BoundedBody.TooLarge || cause.getCause() instanceof BoundedBody.TooLarge) {
      return Reply.tooLarge();
    }
    if (cause instanceof HttpTimeoutException) {
      return Reply.refusal(504, "connecting to " + url.getAuthority() + " timed out");
    }
    if (cause instanceof SSLException failed) {
      return Reply.refusal(502, new TlsFault("server", url.getHost(), null, null).describe(failed));
    }
    return cause instanceof IOException
        ? Reply.refusal(502, url.getAuthority() + " is unavailable or closed the connection")
        : Reply.refusal(500, "the request failed");
  }

  private synchronized HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              // Not every server tolerates an HTTP/2 upgrade request.
              .version(HttpClient.Version.HTTP_1_1)
              .sslContext(tls.get())
              .connectTimeout(timeout)
              .build();
    }
    return client;
  }
}
