package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostNameTest {
  @Test
  void thisHostHasAName() {
    assertThat(HostName.of(Path.of("/"))).isNotBlank();
  }

  @Test
  void aContainersHostNameIsTheHosts(@TempDir Path root) throws IOException {
    assertThat(HostName.of(root)).isEqualTo(HostName.of(Path.of("/")));
    Files.createDirectory(root.resolve("etc"));
    Files.writeString(root.resolve("etc/hostname"), "pump-7\n");
    assertThat(HostName.of(root)).isEqualTo("pump-7");
  }
}
