package routes.bundles;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignCommandTest {
  @TempDir Path folder;
  private String printed;

  @BeforeEach
  void prepare() throws IOException {
    Path plant = Files.createDirectory(folder.resolve("plant"));
    Files.writeString(plant.resolve("plant.camel.yaml"), "- route: {}");
    assertThat(run("new-key", "signing.pem")).isZero();
  }

  private int run(String command, String file, String... options) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    List<String> words =
        command.equals("new-key")
            ? List.of(command, folder.resolve(file).toString())
            : List.of(
                folder.resolve(file).toString(),
                "--key",
                folder.resolve("signing.pem").toString(),
                "--version",
                options[0],
                "--url",
                options[1],
                "--to",
                folder.resolve("routes.zip").toString());
    int code = SignCommand.run(words, print, print);
    printed = out.toString(StandardCharsets.UTF_8);
    return code;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plant | -1 | https://host/a.zip | the version must be a whole number",
        "plant | x | https://host/a.zip | the version must be a whole number",
        "plant | 1 | http://host/a.zip | the url must be https://HOST/PATH",
        "nowhere | 1 | https://host/a.zip | nowhere does not exist",
      })
  void anErrorLeavesNoFileBehind(String from, String version, String url, String message)
      throws IOException {
    assertThat(run("sign", from, version, url)).isEqualTo(1);
    assertThat(printed).contains(message);
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("plant", "signing.pem");
    assertThat(run("sign", "plant", "1", "https://host/a.zip")).as(printed).isZero();
  }

  @Test
  void anotherKindOfKeyLeavesNoFileBehind() throws Exception {
    byte[] rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate().getEncoded();
    Files.writeString(
        folder.resolve("signing.pem"),
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(rsa)
            + "\n-----END PRIVATE KEY-----\n");
    assertThat(run("sign", "plant", "1", "https://host/a.zip")).isEqualTo(1);
    assertThat(printed).contains("the key is not an Ed25519 key");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("plant", "signing.pem");
  }

  @Test
  void anArchiveIsNotReplaced() throws IOException {
    Files.writeString(folder.resolve("routes.zip"), "mine");
    assertThat(run("sign", "plant", "1", "https://host/a.zip")).isEqualTo(1);
    assertThat(printed).contains("routes.zip exists already; it is not replaced");
    assertThat(folder.resolve("routes.zip")).hasContent("mine");
  }
}
