package routes.sandbox;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * An HTTP API that makes the stand-in clouds do what a person does in a cloud's console. {@code
 * ./run command} and {@code ./run desired} call it.
 *
 * <ul>
 *   <li>{@code POST /<cloud>/command/<name>}: sends a command with the request's body to the device
 *       and answers with its status and reply
 *   <li>{@code POST /<cloud>/desired}: changes the device's desired state
 *   <li>{@code POST /<cloud>/cut} and {@code POST /nats/kill}: stage an outage of the time in the
 *       request's body, and report it as lines of text. The outage ends when the client leaves.
 *   <li>{@code GET /<cloud>/messages}: streams arriving messages, one line of JSON each
 * </ul>
 */
final class SandboxConsole implements AutoCloseable {
  private static final int NO_GATEWAY_ANSWER = 502;

  private final List<SandboxCloud> clouds;
  private final Map<String, MessageStream> streams;
  private final String device;
  private final HttpServer server;
  private volatile Outages outages;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /**
   * @param device the device that receives the commands
   */
  SandboxConsole(
      List<SandboxCloud> clouds,
      Map<String, MessageStream> streams,
      String device,
      InetSocketAddress address)
      throws IOException {
    this.streams = streams;
    this.clouds = clouds;
    this.device = device;
    this.server = HttpServer.create(address, 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  /** Allows staged outages. */
  void stage(Outages outages) {
    this.outages = outages;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getPath().split("/");
    if (exchange.getRequestMethod().equals("GET")
        && path.length == 3
        && path[2].equals("messages")
        && streams.containsKey(path[1])) {
      stream(exchange, streams.get(path[1]));
      return;
    }
    try (exchange) {
      String payload = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (outages != null && path.length == 3 && path[2].matches("cut|kill")) {
        outage(exchange, path, payload);
        return;
      }
      SandboxCloud.Reply reply = reply(exchange.getRequestMethod(), path, payload);
      byte[] body = reply.payload().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private void outage(HttpExchange exchange, String[] path, String time) throws IOException {
    try {
      Outages.Staged staged = outages.stage(path[2], path[1], time);
      exchange.sendResponseHeaders(200, 0);
      staged.run(exchange.getResponseBody());
    } catch (Outages.Rejected e) {
      byte[] body = ("./run: " + e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(e.status(), body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void stream(HttpExchange exchange, MessageStream messages) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().add("Content-Type", "application/x-ndjson");
      exchange.sendResponseHeaders(200, 0);
      messages.writeTo(exchange.getResponseBody());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private SandboxCloud.Reply reply(String method, String[] path, String payload) {
    if (!method.equals("POST") || path.length < 3) {
      return unknown();
    }
    for (SandboxCloud cloud : clouds) {
      if (cloud.name().equals(path[1])) {
        return reply(cloud, path, payload);
      }
    }
    return new SandboxCloud.Reply(
        404,
        "unknown cloud \"%s\"; clouds are %s"
            .formatted(
                path[1],
                clouds.stream().map(SandboxCloud::name).collect(Collectors.joining(", "))));
  }

  private static SandboxCloud.Reply unknown() {
    return new SandboxCloud.Reply(
        404, "use POST /<cloud>/command/<name>, POST /<cloud>/desired or GET /<cloud>/messages");
  }

  private SandboxCloud.Reply reply(SandboxCloud cloud, String[] path, String payload) {
    try {
      if (path[2].equals("command") && path.length == 4) {
        return cloud.command(device, path[3], payload).join();
      }
      if (!path[2].equals("desired") || path.length != 3) {
        return unknown();
      }
      cloud.desire(device, payload);
      return new SandboxCloud.Reply(200, "sent; arrives on the NATS subject desired." + device);
    } catch (CompletionException e) {
      return new SandboxCloud.Reply(NO_GATEWAY_ANSWER, e.getCause().getMessage());
    } catch (RuntimeException e) {
      return new SandboxCloud.Reply(400, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    try {
      threads.awaitTermination(10, TimeUnit.SECONDS); // a staged outage restarts NATS
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
