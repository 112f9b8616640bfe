package routes.google;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import routes.Certificates;
import routes.sandbox.google.JwtCheck;

class JwtTest {
  /** The payload of RFC 7515, A.2 and A.3. */
  private static final String PAYLOAD =
      "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

  private static final String ENCODED_PAYLOAD =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog"
          + "Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

  private static BigInteger number(String base64url) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(base64url));
  }

  /** RFC 7515, A.2: PKCS#1 v1.5 signatures are deterministic. */
  @Test
  void rs256MatchesTheRfc() throws GeneralSecurityException {
    BigInteger modulus =
        number(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEz"
                + "P1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
                + "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxv"
                + "b3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
                + "TW9gb54h4FRWyuXpoQ");
    BigInteger exponent =
        number(
            "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7Y"
                + "wVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzub"
                + "Su3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb"
                + "1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0"
                + "QU91p1DhOVRuOopznQ");
    KeyFactory rsa = KeyFactory.getInstance("RSA");
    SigningKey key =
        new SigningKey(
            rsa.generatePrivate(new RSAPrivateKeySpec(modulus, exponent)), JwsAlgorithm.RS256);
    String token = Jwt.compact(key, "{\"alg\":\"RS256\"}", PAYLOAD);
    assertThat(token)
        .isEqualTo(
            "eyJhbGciOiJSUzI1NiJ9."
                + ENCODED_PAYLOAD
                + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_"
                + "lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75v"
                + "RK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEs"
                + "qtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtV"
                + "rBp0igcN_IoypGlUPQGe77Rw");
    PublicKey open = rsa.generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65_537)));
    assertThat(JwtCheck.verifies(token, "RS256", open)).isTrue();
  }

  /** RFC 7515, A.3: ECDSA signatures differ each time, so both are verified. */
  @Test
  void es256VerifiesLikeTheRfcExample() throws GeneralSecurityException {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec("secp256r1"));
    ECParameterSpec curve = parameters.getParameterSpec(ECParameterSpec.class);
    ECPoint point =
        new ECPoint(
            number("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            number("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
    BigInteger secret = number("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
    KeyFactory ec = KeyFactory.getInstance("EC");
    PublicKey open = ec.generatePublic(new ECPublicKeySpec(point, curve));
    String head = "eyJhbGciOiJFUzI1NiJ9." + ENCODED_PAYLOAD + ".";
    assertThat(
            JwtCheck.verifies(
                head
                    + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqP"
                    + "P3-Kg6NU1Q",
                "ES256",
                open))
        .isTrue();
    SigningKey key =
        new SigningKey(ec.generatePrivate(new ECPrivateKeySpec(secret, curve)), JwsAlgorithm.ES256);
    // Often enough to get numbers with leading zeros, which DER omits.
    for (int i = 0; i < 600; i++) {
      String token = Jwt.compact(key, "{\"alg\":\"ES256\"}", PAYLOAD);
      assertThat(token).startsWith(head).hasSize(head.length() + 86);
      assertThat(JwtCheck.verifies(token, "ES256", open)).isTrue();
    }
  }

  @Test
  void hasTheClaimsThatTheProtocolRequires() throws Exception {
    KeyPair keys = Certificates.ec();
    Clock clock = Clock.fixed(Instant.parse("2026-11-23T10:00:00.999Z"), ZoneOffset.UTC);
    SigningKey key = new SigningKey(keys.getPrivate(), JwsAlgorithm.ES256);
    String token = new Jwt("my-project", Duration.ofHours(24), clock).token(key);
    String[] parts = token.split("\\.");
    assertThat(token).doesNotContain("=", "+", "/");
    assertThat(text(parts[0])).isEqualTo("{\"alg\":\"ES256\",\"typ\":\"JWT\"}");
    assertThat(new ObjectMapper().readTree(text(parts[1])).toString())
        .isEqualTo("{\"iat\":1795428000,\"exp\":1795514400,\"aud\":\"my-project\"}");
    assertThat(JwtCheck.verifies(token, "ES256", keys.getPublic())).isTrue();
  }

  private static String text(String base64url) {
    return new String(Base64.getUrlDecoder().decode(base64url), StandardCharsets.UTF_8);
  }

  @Test
  void neverShowsTheKey() {
    SigningKey key = new SigningKey(Certificates.rsa().getPrivate(), JwsAlgorithm.RS256);
    assertThat(key.toString()).isEqualTo("SigningKey[RS256]");
  }
}
