package routes.bundles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.settings.SettingException;

class OfferTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private SignedBundle bundles;
  private ObjectNode offer;

  @BeforeEach
  void sign() throws Exception {
    bundles = new SignedBundle(folder);
    String text = bundles.offer(7, "https://host/7.zip", Map.of("a.camel.yaml", "- route: {}"));
    offer = (ObjectNode) JSON.readTree(text).path("routes");
  }

  private void verify(JsonNode routes) throws BundleException {
    TrustedKey.parse(bundles.trusted()).verify(Offer.of(routes));
  }

  @Test
  void aSignedOfferIsAccepted() throws Exception {
    verify(offer);
    Offer read = Offer.of(offer);
    assertThat(read.version()).isEqualTo(7);
    assertThat(read.sha256()).isEqualTo(Download.sha256(bundles.zip(7)));
  }

  /** Version and checksum are signed, so that an old bundle cannot be offered as a new one. */
  @ParameterizedTest
  @CsvSource({"version, 8", "sha256, ab"})
  void aChangedOfferIsNot(String field, String value) {
    if (field.equals("version")) {
      offer.put(field, Integer.parseInt(value));
    } else {
      offer.put(field, value + offer.path(field).asText().substring(2));
    }
    assertThatThrownBy(() -> verify(offer))
        .hasMessage("not signed with the key in routes.trusted-key");
  }

  @Test
  void anotherKeysSignatureIsNot() throws Exception {
    SignedBundle other = new SignedBundle(Files.createDirectory(folder.resolve("other")));
    assertThatThrownBy(() -> TrustedKey.parse(other.trusted()).verify(Offer.of(offer)))
        .hasMessage("not signed with the key in routes.trusted-key");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version | 0 | the version must be",
        "version | -1 | the version must be",
        "version | 1.5 | the version must be",
        "version | 4294967296 | the version must be",
        "version | \"7\" | the version must be",
        "sha256 | \"12\" | routes.sha256 must have",
        "sha256 | null | routes.sha256 must have",
        "signature | \"\" | routes.signature must be",
        "signature | \"%%%\" | routes.signature must be",
        "signature | \"AAAA\" | routes.signature must be",
        "url | \"http://host/a.zip\" | the url must be",
        "url | \"file:///etc/passwd\" | the url must be",
        "url | \"https://host\" | the url must be",
        "url | \"https:///a.zip\" | the url must be",
        "url | \"nats://bucket\" | the url must be",
        "url | \"not a url\" | the url must be",
        "url | {} | the url must be",
      })
  void malformedFieldsAreNamed(String field, String value, String message) throws Exception {
    offer.set(field, JSON.readTree(value));
    assertThatThrownBy(() -> Offer.of(offer))
        .isInstanceOf(BundleException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource({
    "https://host:8443/a.zip?sig=secret, https://host:8443/a.zip",
    "https://me:secret@host/a.zip, https://host/a.zip",
    "nats://my_bucket/a.zip, nats://my_bucket/a.zip",
  })
  void thePlaceHasThePortButNoSecret(String url, String place) throws Exception {
    offer.put("url", url);
    assertThat(Offer.of(offer).place()).isEqualTo(place);
  }

  @Test
  void somethingElseThanAnObjectIsRefused() {
    assertThatThrownBy(() -> Offer.of(JSON.readTree("[1]")))
        .hasMessageStartingWith("routes must be");
  }

  @ParameterizedTest
  @CsvSource({"x", "AAAA", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"})
  void anInvalidTrustedKeyIsNamed(String key) {
    assertThatThrownBy(() -> TrustedKey.parse(key))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("routes.trusted-key");
  }
}
