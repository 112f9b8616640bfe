package routes;

import io.nats.client.NKey;
import io.nats.client.support.JsonSerializable;
import io.nats.client.support.JwtUtils;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;

/** A NATS operator with one account, as {@code nsc} would make them. */
public final class NatsOperator {
  private static final String NO_LIMITS =
      """
      {"type":"account","version":2,"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,\
      "exports":-1,"wildcards":true,"conn":-1,"leaf":-1,"mem_storage":-1,"disk_storage":-1,\
      "streams":-1,"consumer":-1}}""";

  private final NKey operator = key(NKey::createOperator);
  private final NKey account = key(NKey::createAccount);
  private final NKey system = key(NKey::createAccount);

  private interface Maker {
    NKey make(SecureRandom random) throws IOException, GeneralSecurityException;
  }

  private static NKey key(Maker maker) {
    try {
      return maker.make(new SecureRandom());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The lines that nats-server's configuration needs. */
  public String configuration() throws IOException, GeneralSecurityException {
    return """
        operator: %s
        system_account: %s
        resolver: MEMORY
        resolver_preload: { %s: %s, %s: %s }
        """
        .formatted(
            signed(operator, "operator", "{\"type\":\"operator\",\"version\":2}"),
            publicKey(system),
            publicKey(system),
            signed(system, "SYS", NO_LIMITS.replaceAll("_storage\":-1", "_storage\":0")),
            publicKey(account),
            signed(account, "edge", NO_LIMITS));
  }

  private String signed(NKey subject, String name, String claim)
      throws IOException, GeneralSecurityException {
    JsonSerializable json = () -> claim;
    return JwtUtils.issueJWT(
        operator,
        publicKey(subject),
        name,
        null,
        JwtUtils.currentTimeSeconds(),
        publicKey(operator),
        json);
  }

  /** A user's credentials file. */
  public String user(String name) throws IOException, GeneralSecurityException {
    NKey user = key(NKey::createUser);
    String jwt =
        JwtUtils.issueUserJWT(
            account, publicKey(account), publicKey(user), name, Duration.ofDays(90));
    return JwtUtils.NATS_USER_JWT_FORMAT.formatted(jwt, new String(user.getSeed()));
  }

  private static String publicKey(NKey key) throws IOException, GeneralSecurityException {
    return new String(key.getPublicKey());
  }
}
