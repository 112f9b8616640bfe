package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import oshi.software.os.OSFileStore;
import routes.host.FilesystemMetrics.Space;
import routes.sample.NamePatterns;

class FilesystemMetricsTest {
  private static final NamePatterns ALL = new NamePatterns(List.of("*"), List.of());

  @TempDir private Path disk;

  @Test
  void spaceIsUsedFreeOrReserved() {
    assertThat(read(space("/data", 1000, 500, 300)))
        .isEqualTo(
            Map.of(
                "system.filesystem.usage /data used", 500.0,
                "system.filesystem.usage /data free", 300.0,
                "system.filesystem.usage /data reserved", 200.0,
                "system.filesystem.limit /data", 1000.0,
                "system.filesystem.utilization /data", 0.625));
  }

  @Test
  void omitsReservedSpaceIfThereIsNone() {
    assertThat(read(space("/", 1000, 500, 500)))
        .doesNotContainKey("system.filesystem.usage / reserved");
  }

  @Test
  void removesTheMetersOfAMountPointThatDisappears() {
    List<Source<Space>> mounts =
        new ArrayList<>(List.of(space("/", 10, 5, 5), space("/usb", 10, 5, 5)));
    Meters meters = new Meters(new FilesystemMetrics(() -> mounts));
    assertThat(meters.values()).containsKey("system.filesystem.limit /usb");
    mounts.remove(1);

    assertThat(meters.later().values())
        .containsKey("system.filesystem.limit /")
        .doesNotContainKey("system.filesystem.limit /usb");
  }

  @Test
  void omitsAFileSystemWithImpossibleSpace() {
    assertThat(read(space("/empty", 0, 0, 0))).isEmpty();
    assertThat(read(space("/odd", 10, 11, 11))).isEmpty();
  }

  @Test
  void rereadsTheMountTableWhenItChanges() throws IOException {
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
  void usesOshiOutsideLinux() {
    OSFileStore store = Recorded.a(OSFileStore.class).with("getMount", disk.toString()).reading();

    assertThat(Meters.of(new FilesystemMetrics(Mounts.elsewhere(() -> List.of(store), ALL))))
        .containsKey("system.filesystem.limit " + disk);
  }

  @Test
  void thisMachineHasARootFileSystem() {
    Map<String, Double> values = Meters.of(new FilesystemMetrics(new Machine().mounts(ALL)));

    assertThat(values).containsKey("system.filesystem.limit /");
    assertThat(values)
        .allSatisfy(
            (name, value) -> {
              assertThat(value).isGreaterThanOrEqualTo(0);
              if (name.startsWith("system.filesystem.utilization")) {
                assertThat(value).isLessThanOrEqualTo(1);
              }
            });
  }

  private static Map<String, Double> read(Source<Space> space) {
    return Meters.of(new FilesystemMetrics(() -> List.of(space)));
  }

  private static Source<Space> space(String path, long total, long unused, long usable) {
    return Source.of(path, new Space(path, total, unused, usable));
  }
}
