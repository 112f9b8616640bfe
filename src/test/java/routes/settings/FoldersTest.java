package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {
  private static final Path NAME = Path.of("routes-yaml");

  @TempDir Path working;
  @TempDir Path installed;
  private Optional<Path> jar;

  @BeforeEach
  void jar() {
    jar = Optional.of(installed.resolve("cloud-iot-routes.jar"));
  }

  @Test
  void theWorkingDirectoryComesFirst() throws Exception {
    Files.createDirectory(working.resolve(NAME));
    Files.createDirectory(installed.resolve(NAME));
    assertThat(Folders.find(NAME, working, jar)).isEqualTo(NAME);
  }

  @Test
  void theFolderOfTheJarComesSecond() {
    assertThat(Folders.find(NAME, working, jar)).isEqualTo(installed.resolve(NAME));
  }

  @Test
  void usesOnlyTheWorkingDirectoryWithoutAJar() {
    assertThat(Folders.find(NAME, working, Optional.empty())).isEqualTo(NAME);
  }

  @Test
  void keepsAnAbsolutePath() {
    Path absolute = Path.of("/nowhere/routes-yaml");
    assertThat(Folders.find(absolute, working, jar)).isEqualTo(absolute);
  }
}
