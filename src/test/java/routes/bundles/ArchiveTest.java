package routes.bundles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
  private static final byte[] TEXT = "- route: {}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private interface Content {
    void write(ZipOutputStream zip) throws IOException;
  }

  private Path zip(Content content) throws IOException {
    Path file = folder.resolve("bundle.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      content.write(zip);
    }
    return file;
  }

  private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }

  private Path target() throws IOException {
    return Files.createDirectories(folder.resolve("target"));
  }

  private void assertRefused(Path zip, String message) throws IOException {
    Path target = target();
    assertThatThrownBy(() -> Archive.unpack(zip, target))
        .isInstanceOf(BundleException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatIsPackedIsUnpacked() throws Exception {
    Path from = Files.createDirectory(folder.resolve("from"));
    Files.write(from.resolve("plant.camel.yaml"), TEXT);
    Files.write(from.resolve("plant.test.yaml"), TEXT);
    Files.writeString(from.resolve("settings.properties"), "plant.threshold = 3");
    Path zip = folder.resolve("bundle.zip");
    Archive.pack(from, zip);
    Archive.unpack(zip, target());
    try (Stream<Path> files = Files.list(target())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("plant.camel.yaml", "plant.test.yaml", "settings.properties");
    }
    assertThat(target().resolve("plant.camel.yaml")).hasBinaryContent(TEXT);

    Files.setLastModifiedTime(from, java.nio.file.attribute.FileTime.fromMillis(1));
    Path again = folder.resolve("again.zip");
    Archive.pack(from, again);
    assertThat(again).hasSameBinaryContentAs(zip);
  }

  @Test
  void anEmptyArchiveRemovesAllRoutes() throws Exception {
    Archive.unpack(zip(zip -> {}), target());
    assertThat(target()).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../plant.camel.yaml",
        "/etc/plant.camel.yaml",
        "folder/plant.camel.yaml",
        "folder/",
        "..\\plant.camel.yaml",
        "C:plant.camel.yaml",
        "plant.camel.yaml\0.txt",
        "plant.sh",
        "plant.camel.yml",
        ".camel.yaml",
        "state.json",
        "Main.class"
      })
  void otherNamesAreRefused(String name) throws Exception {
    assertRefused(zip(zip -> add(zip, name, TEXT)), "is not allowed");
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(1); // the archive
    }
  }

  @Test
  void aZipBombIsRefused() throws Exception {
    byte[] zeros = new byte[1 << 20];
    Path bomb =
        zip(
            zip -> {
              zip.putNextEntry(new ZipEntry("plant.camel.yaml"));
              for (int i = 0; i < 100; i++) {
                zip.write(zeros);
              }
            });
    assertThat(Files.size(bomb)).isLessThan(1 << 20);
    assertRefused(bomb, "larger than 8 MB when unpacked");
    assertThat(Files.size(target().resolve("plant.camel.yaml"))).isLessThanOrEqualTo(8 << 20);
  }

  @Test
  void manyFilesAreRefused() throws Exception {
    Path zip =
        zip(
            all -> {
              for (int i = 0; i <= Archive.MOST_FILES; i++) {
                add(all, "r" + i + ".camel.yaml", TEXT);
              }
            });
    assertRefused(zip, "more than 500 files");
  }

  /** JDK classes write no duplicates, so the second name is changed afterwards. */
  @Test
  void twoFilesWithOneNameAreRefused() throws Exception {
    Path zip =
        zip(
            all -> {
              add(all, "aa.camel.yaml", TEXT);
              add(all, "ab.camel.yaml", TEXT);
            });
    String bytes = new String(Files.readAllBytes(zip), StandardCharsets.ISO_8859_1);
    Files.write(zip, bytes.replace("ab.camel", "aa.camel").getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(zip, "two files with the name aa.camel.yaml");
  }

  @Test
  void somethingElseIsRefused() throws Exception {
    Path file = folder.resolve("bundle.zip");
    Files.writeString(file, "<html>not found</html> and some more text");
    assertRefused(file, "not a ZIP file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello", "PK\005\006 and sixteen more!"})
  void aShortTextIsNoEmptyArchive(String text) throws Exception {
    assertRefused(Files.writeString(folder.resolve("bundle.zip"), text), "not a ZIP file");
  }

  @Test
  void anEmptyArchiveIsAccepted() throws Exception {
    Path target = target();
    Archive.unpack(zip(all -> {}), target);
    assertThat(target).isEmptyDirectory();
  }

  @Test
  void aTruncatedArchiveIsRefused() throws Exception {
    Path zip = zip(all -> add(all, "plant.camel.yaml", "- route".repeat(1000).getBytes()));
    byte[] bytes = Files.readAllBytes(zip);
    try (OutputStream out = Files.newOutputStream(zip)) {
      out.write(bytes, 0, 60);
    }
    assertRefused(zip, "not a ZIP file: ");
  }

  @Test
  void aFolderThatADeviceWouldRefuseIsNotPacked() throws Exception {
    Path from = Files.createDirectory(folder.resolve("from"));
    Files.createDirectory(from.resolve("more"));
    assertThatThrownBy(() -> Archive.pack(from, folder.resolve("bundle.zip")))
        .hasMessageContaining("\"more/\" is not allowed");
  }
}
