package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import oshi.software.os.OSFileStore;
import routes.host.Mounts.Mount;
import routes.sample.NamePatterns;

class FilesystemMetricsTest {
  private static final Path ROOT = Path.of("/");
  private static final NamePatterns ALL = new NamePatterns(List.of("*"), List.of());

  @TempDir private Path disk;

  @Test
  void spaceIsUsedFreeOrReserved() {
    assertThat(Meters.of(new FilesystemMetrics(() -> List.of(mount("/data", 1000, 500, 300)))))
        .isEqualTo(
            Map.of(
                "system.filesystem.usage /data used", 500.0,
                "system.filesystem.usage /data free", 300.0,
                "system.filesystem.usage /data reserved", 200.0,
                "system.filesystem.limit /data", 1000.0,
                "system.filesystem.utilization /data", 0.625));
  }

  @Test
  void spaceThatIsNotReservedIsAbsent() {
    assertThat(Meters.of(new FilesystemMetrics(() -> List.of(mount("/", 1000, 500, 500)))))
        .doesNotContainKey("system.filesystem.usage / reserved");
  }

  @Test
  void aMountPointThatVanishesTakesItsMetersAlong() {
    List<Mount> mounts = new ArrayList<>(List.of(mount("/", 10, 5, 5), mount("/usb", 10, 5, 5)));
    Meters meters = new Meters(new FilesystemMetrics(() -> mounts));
    assertThat(meters.values()).containsKey("system.filesystem.limit /usb");
    mounts.remove(1);

    assertThat(meters.later().values())
        .containsKey("system.filesystem.limit /")
        .doesNotContainKey("system.filesystem.limit /usb");
  }

  @Test
  void aFileSystemWithoutSpaceIsAbsent() {
    assertThat(Meters.of(new FilesystemMetrics(() -> List.of(mount("/empty", 0, 0, 0))))).isEmpty();
  }

  @Test
  void aDeviceThatIsMountedTwiceCountsOnceAtTheShorterPath() {
    Path bind = directory("bind-mount");
    List<OSFileStore> stores = List.of(store(bind, "/dev/sda1"), store(disk, "/dev/sda1"));

    assertThat(Mounts.of(stores, ROOT, ALL)).containsExactly(mount(disk));
  }

  @Test
  void fileSystemsInMemoryAreToldApartByTheirMountPoints() {
    List<OSFileStore> stores =
        List.of(store(directory("a"), "tmpfs"), store(directory("b"), "tmpfs"));

    assertThat(Mounts.of(stores, ROOT, ALL)).hasSize(2);
  }

  @Test
  void aFileThatAContainerHasMountedIsNoFileSystem() throws IOException {
    Path hosts = Files.createFile(disk.resolve("hosts"));

    assertThat(Mounts.of(List.of(store(hosts, "/dev/sda1")), ROOT, ALL)).isEmpty();
  }

  @Test
  void includeAndExcludeChooseByMountPoint() {
    List<OSFileStore> stores =
        List.of(store(directory("data"), "tmpfs"), store(directory("boot"), "tmpfs"));

    assertThat(Mounts.of(stores, ROOT, new NamePatterns(List.of("*"), List.of("*/boot"))))
        .containsExactly(mount(disk.resolve("data")));
  }

  @Test
  void inAContainerOnlyTheHostsAreMeasuredByTheirNamesThere() {
    Path host = directory("host");
    Path usb = directory("host/usb");
    List<OSFileStore> stores =
        List.of(
            store(directory("data"), "/dev/sda1"),
            store(usb, "/dev/sdb1"),
            store(host, "/dev/sda1"));

    assertThat(Mounts.of(stores, host, ALL))
        .containsExactly(new Mount("/", host.toFile()), new Mount("/usb", usb.toFile()));
  }

  @Test
  void mountsAreListedAgainWhenTheirTableHasChanged() throws IOException {
    Path table = Files.writeString(disk.resolve("mounts"), "a");
    List<Integer> listings = new ArrayList<>();
    Listing<Integer> listing =
        Listing.whenChanged(
            table,
            () -> {
              listings.add(listings.size());
              return List.copyOf(listings);
            });

    assertThat(listing.get()).hasSize(1);
    assertThat(listing.get()).hasSize(1);
    Files.writeString(table, "a b");
    assertThat(listing.get()).hasSize(2);
  }

  @Test
  void thisMachineHasARoot() {
    Map<String, Double> values = Meters.of(new FilesystemMetrics(new Machine().mounts(ALL)));

    assertThat(values).isNotEmpty();
    assertThat(values)
        .allSatisfy(
            (name, value) -> {
              assertThat(value).isGreaterThanOrEqualTo(0);
              if (name.startsWith("system.filesystem.utilization")) {
                assertThat(value).isLessThanOrEqualTo(1);
              }
            });
  }

  private Path directory(String name) {
    try {
      return Files.createDirectory(disk.resolve(name));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static OSFileStore store(Path mount, String volume) {
    return Recorded.a(OSFileStore.class)
        .with("getMount", mount.toString())
        .with("getVolume", volume)
        .reading();
  }

  private static Mount mount(Path directory) {
    return new Mount(directory.toString(), directory.toFile());
  }

  private static Mount mount(String path, long total, long unused, long usable) {
    return new Mount(path, directory(path, total, unused, usable));
  }

  @SuppressWarnings("serial")
  private static File directory(String path, long total, long unused, long usable) {
    return new File(path) {
      @Override
      public long getTotalSpace() {
        return total;
      }

      @Override
      public long getFreeSpace() {
        return unused;
      }

      @Override
      public long getUsableSpace() {
        return usable;
      }
    };
  }
}
