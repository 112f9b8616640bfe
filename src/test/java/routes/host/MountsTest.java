package routes.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.host.FilesystemMetrics.Space;
import routes.sample.NamePatterns;

/** Which file systems of recorded mount tables are measured, and under which name. */
class MountsTest {
  private static final Path ROOT = Path.of("/");
  private static final NamePatterns ALL = new NamePatterns(List.of("*"), List.of());
  private static final Path RECORDED = Path.of("src/test/resources/oddities/mounts");

  @TempDir private Path disk;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ubuntu-snap     | / /boot/efi /srv/image /run/media/ann/STICK /tmp
          fedora-btrfs    | / /boot /srv
          openwrt-overlay | / /tmp
          docker-host     | / /var/lib/docker
          zfs             | / /home /tank
          autofs-nfs      | / /backup /mnt/ntfs
          over-mounted    | / /data /mnt /mnt/new
          """)
  void eachFileSystemAppearsOnceWithItsUsualName(String table, String points) throws IOException {
    assertThat(names(Mounts.parse(recorded(table), ROOT, ALL)))
        .containsExactlyInAnyOrder(points.split(" "));
  }

  @Test
  void pathsAreUnescaped() throws IOException {
    assertThat(names(Mounts.parse(recorded("octal"), ROOT, ALL)))
        .containsExactlyInAnyOrder(
            "/",
            "/mnt/a b",
            "/mnt/back\\sl",
            "/mnt/new\nline",
            "/mnt/tab\tx",
            "/mnt/sh#arp",
            "/mnt/Größe",
            "/mnt/caf\\xe9",
            "/mnt/caf\\xe8",
            "/mnt/$1",
            "49 28 8:161 / /mnt/trunc");
  }

  @Test
  void aTruncatedLineLosesOnlyItsMount() {
    Meters meters =
        new Meters(
            new FilesystemMetrics(
                () -> Mounts.parse(line(1, "8:1", "/", disk) + "2 1 8:2 / /mnt", ROOT, ALL)));

    assertThat(meters.allValues())
        .containsKey("system.filesystem.limit " + disk)
        .containsEntry("collector.success filesystem", 0.0);
  }

  @Test
  void ignoresFilesMountedIntoAContainer() throws Exception {
    Path hosts = Files.createFile(disk.resolve("hosts"));
    Path data = Files.createDirectories(disk.resolve("data/long/path"));
    List<Source<Space>> spaces =
        Mounts.parse(
            line(1, "8:1", "/hosts", hosts) + line(2, "8:1", "/volumes/data", data), ROOT, ALL);

    assertThat(spaces).hasSize(1);
    assertThat(spaces.get(0).value().call().mountpoint()).isEqualTo(data.toString());
    assertThat(Mounts.parse(line(1, "8:1", "/hosts", hosts), ROOT, ALL).get(0).value().call())
        .isNull();
  }

  @Test
  void prefersTheShorterOfTwoMountPoints() {
    assertThat(
            names(
                Mounts.parse(
                    line(1, "8:1", "/", disk.resolve("bind-mount")) + line(2, "8:1", "/", disk),
                    ROOT,
                    ALL)))
        .containsExactly(disk.toString());
  }

  @Test
  void includeAndExcludeSelectByMountPoint() {
    String table =
        line(1, "0:1", "/", disk.resolve("data")) + line(2, "0:2", "/", disk.resolve("boot"));

    assertThat(names(Mounts.parse(table, ROOT, new NamePatterns(List.of("*"), List.of("*/boot")))))
        .containsExactly(disk.resolve("data").toString());
  }

  @Test
  void inAContainerMeasuresTheMountsOfTheHostByTheirHostNames() throws Exception {
    Path host = Files.createDirectories(disk.resolve("host"));
    Path usb = Files.createDirectories(host.resolve("usb"));
    String table =
        line(1, "8:1", "/data", Files.createDirectory(disk.resolve("data")))
            + line(2, "8:17", "/", usb)
            + line(3, "8:1", "/", host);
    List<Source<Space>> spaces = Mounts.parse(table, host, ALL);

    assertThat(names(spaces)).containsExactlyInAnyOrder("/", "/usb");
    for (Source<Space> space : spaces) {
      assertThat(space.value().call().total()).isPositive();
    }
  }

  private static List<String> names(List<Source<Space>> spaces) {
    return spaces.stream().map(Source::name).toList();
  }

  private static String recorded(String name) throws IOException {
    return Files.readString(RECORDED.resolve(name), ISO_8859_1);
  }

  private static String line(int id, String device, String root, Path point) {
    return "%d 99 %s %s %s rw - ext4 /dev/x rw\n".formatted(id, device, root, point);
  }
}
