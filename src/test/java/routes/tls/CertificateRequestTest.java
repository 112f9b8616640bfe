package routes.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateRequestTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "edge-1",
        "a",
        "Gerät",
        "1234567890123456789012345678901234567890123456789012345678901234"
      })
  void anotherImplementationReadsAndVerifiesIt(String name) throws Exception {
    CertificateRequest request = CertificateRequest.create(name);
    try (PEMParser parser = new PEMParser(new StringReader(request.pem()))) {
      PKCS10CertificationRequest read = (PKCS10CertificationRequest) parser.readObject();
      JcaPKCS10CertificationRequest jca = new JcaPKCS10CertificationRequest(read);
      assertThat(jca.getPublicKey()).isEqualTo(request.publicKey());
      assertThat(read.getSubject()).hasToString("CN=" + name);
      assertThat(read.getAttributes()).isEmpty();
      assertThat(
              read.isSignatureValid(
                  new JcaContentVerifierProviderBuilder().build(jca.getPublicKey())))
          .isTrue();
    }
  }

  @Test
  void thePrivateKeyBelongsToIt(@TempDir Path folder) throws Exception {
    CertificateRequest request = CertificateRequest.create("edge-1");
    Path file = Files.writeString(folder.resolve("key"), request.privateKeyPem());
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(new PemFile("key", file).privateKey());
    signature.update(new byte[] {1});
    byte[] signed = signature.sign();
    signature.initVerify(request.publicKey());
    signature.update(new byte[] {1});
    assertThat(signature.verify(signed)).isTrue();
    assertThat(request.toString()).doesNotContain("BEGIN");
  }
}
