package routes.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.Certificates;
import routes.Fuzz;
import routes.settings.SettingException;

class TlsFuzzTest {
  @Test
  void pemFiles(@TempDir Path folder) throws Exception {
    Certificates make = new Certificates(folder);
    Path file = folder.resolve("fuzzed.pem");
    Fuzz.bytes(
        bytes -> {
          try {
            Files.write(file, bytes);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return read(() -> new PemFile("mqtt.private-key", file).privateKey())
              | read(() -> new PemFile("mqtt.certificate", file).certificates());
        },
        bytes(make.writePkcs8(Certificates.rsa().getPrivate())),
        bytes(make.writeTraditional(Certificates.rsa().getPrivate())),
        bytes(make.writeTraditional(Certificates.ec().getPrivate())),
        bytes(make.write(make.ca().certificate())));
  }

  private static byte[] bytes(Path file) throws IOException {
    return Files.readAllBytes(file);
  }

  private static boolean read(Runnable reading) {
    try {
      reading.run();
      return true;
    } catch (SettingException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}").hasSizeLessThan(1_000);
      assertThat(e.getCause()).isNull();
      return false;
    }
  }
}
