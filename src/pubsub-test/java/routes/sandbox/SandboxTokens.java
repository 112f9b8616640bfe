package routes.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A stand-in for Google's token endpoint: returns an access token for a JWT that the service
 * account signed (RFC 7523; developers.google.com/identity/protocols/oauth2/service-account).
 */
public final class SandboxTokens implements AutoCloseable {
  private static final String GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

  /** Google's client uses this one regardless of token_uri. */
  private static final String AUDIENCE = "https://oauth2.googleapis.com/token";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String email;
  private final PublicKey key;
  private final HttpServer server;
  private final Set<String> given = ConcurrentHashMap.newKeySet();

  /**
   * @param key the service account's, RSA
   */
  public SandboxTokens(String email, PublicKey key) {
    this.email = email;
    this.key = key;
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/token", this::answer);
    server.start();
  }

  /** The value for the field token_uri of the account's key. */
  public String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
  }

  /** Whether an Authorization header contains a token issued here. */
  public boolean accepts(String authorization) {
    return authorization != null
        && authorization.startsWith("Bearer ")
        && given.contains(authorization.substring("Bearer ".length()));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
    String problem = judge(field(form, "grant_type"), field(form, "assertion"));
    String token = "token-" + (given.size() + 1);
    if (problem == null) {
      given.add(token);
    }
    byte[] body =
        (problem == null
                ? "{\"access_token\":\""
                    + token
                    + "\",\"expires_in\":3599,\"token_type\":\"Bearer\"}"
                : "{\"error\":\"invalid_grant\",\"error_description\":\"" + problem + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(problem == null ? 200 : 400, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static String field(String form, String name) {
    for (String pair : form.split("&")) {
      if (pair.startsWith(name + "=")) {
        return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
      }
    }
    return "";
  }

  /** The error, or null. */
  private String judge(String grant, String jwt) throws IOException {
    String[] parts = jwt.split("\\.");
    if (!grant.equals(GRANT) || parts.length != 3) {
      return "Bad Request";
    }
    if (!signed(parts)) {
      return "Invalid JWT Signature.";
    }
    JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
    long now = Instant.now().getEpochSecond();
    long issued = claims.path("iat").asLong();
    long expires = claims.path("exp").asLong();
    if (issued > now + 60 || expires < now || expires - issued > 3600) {
      return "Invalid JWT: Token must be a short-lived token (60 minutes)";
    }
    if (!claims.path("iss").asText().equals(email)) {
      return "Invalid grant: account not found";
    }
    return claims.path("aud").asText().equals(AUDIENCE)
            && claims.path("scope").asText().contains("pubsub")
        ? null
        : "Invalid JWT: audience and scope are not as they should be";
  }

  private boolean signed(String[] parts) {
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initVerify(key);
      signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
      return signature.verify(Base64.getUrlDecoder().decode(parts[2]));
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
