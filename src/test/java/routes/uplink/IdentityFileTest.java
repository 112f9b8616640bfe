package routes.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.settings.SettingException;

@Timeout(60)
class IdentityFileTest {
  private static final String PEM =
      "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
          + "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";

  @TempDir Path folder;
  private IdentityFile file;

  @BeforeEach
  void open() {
    String data = folder.resolve("data").toString();
    file = IdentityFile.of(TestSettings.of("aws", Map.of("data.directory", data)));
  }

  private static Identity identity(String thing) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("thing", thing);
    fields.put("parameters", "");
    fields.put("note", "a: b");
    return new Identity(fields, PEM);
  }

  @Test
  void readsWhatItWrote() {
    assertThat(file.read()).isEmpty();
    file.check();
    file.write(identity("edge-1"));
    assertThat(file.read()).contains(identity("edge-1"));
    assertThat(identity("edge-1").toString()).doesNotContain("PRIVATE");
  }

  @Test
  void onlyItsOwnerMayRead() throws Exception {
    file.check();
    file.write(identity("edge-1"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
        .isEqualTo("rw-------");
  }

  @Test
  void aReaderNeverSeesHalfAnIdentity() throws Exception {
    file.check();
    file.write(identity("thing-0"));
    AtomicBoolean writing = new AtomicBoolean(true);
    CompletableFuture<Integer> halves =
        CompletableFuture.supplyAsync(
            () -> {
              int count = 0;
              while (writing.get()) {
                count += file.read().filter(read -> read.pem().equals(PEM)).isPresent() ? 0 : 1;
              }
              return count;
            });
    for (int i = 1; i <= 200; i++) {
      file.write(identity("thing-" + i));
    }
    writing.set(false);
    assertThat(halves.get()).isZero();
  }

  @Test
  void aFailedWriteKeepsThePreviousIdentity() throws Exception {
    file.check();
    file.write(identity("edge-1"));
    // Stands for a disk that is full, or a folder that has become read-only.
    Files.createDirectories(folder.resolve("data/identity-aws.new/x"));
    assertThatThrownBy(() -> file.write(identity("edge-2")))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("data.directory: ");
    assertThat(file.read()).contains(identity("edge-1"));
  }

  @Test
  void eachCutOffFileIsDamaged() throws Exception {
    file.check();
    file.write(identity("edge-1"));
    String whole = Files.readString(file.path());
    for (int length = 0; length < whole.length(); length++) {
      Files.writeString(file.path(), whole.substring(0, length));
      int cut = length;
      assertThat(file.read().filter(identity("edge-1")::equals))
          .as(() -> "cut after " + cut)
          .isEmpty();
    }
  }
}
