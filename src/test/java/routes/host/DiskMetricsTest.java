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
import oshi.hardware.HWDiskStore;
import routes.host.DiskMetrics.Disk;
import routes.host.Disks.Model;
import routes.sample.NamePatterns;

class DiskMetricsTest {
  private static final NamePatterns ALL = new NamePatterns(List.of("*"), List.of());
  private static final String DISKSTATS =
      """
         7       0 loop0 14 0 34 1 0 0 0 0 0 1 1 0 0 0 0 0 0
       259       0 nvme0n1 100 9 2000 1500 50 8 4000 2500 0 3000 4000 1 2 3 4 5 6
       259       1 nvme0n1p1 90 9 1000 1400 50 8 4000 2500 0 3000 4000 1 2 3 4 5 6
       253       0 zram0 10 0 80 1 10 0 80 1 0 1 1 0 0 0 0 0 0
         8      16 sdb 0 0 0 0 0 0 0 0 0 0 0
      """;

  @Test
  void measuresEachDiskByDirection() {
    assertThat(Meters.of(new DiskMetrics(() -> parsed(), ALL)))
        .isEqualTo(
            Map.of(
                "system.disk.io read nvme0n1", 2000 * 512.0,
                "system.disk.io write nvme0n1", 4000 * 512.0,
                "system.disk.operations read nvme0n1", 100.0,
                "system.disk.operations write nvme0n1", 50.0,
                "system.disk.operation_time read nvme0n1", 1.5,
                "system.disk.operation_time write nvme0n1", 2.5,
                "system.disk.io_time nvme0n1", 3.0));
  }

  @Test
  void ignoresPartitionsAndDisksInMemory() {
    assertThat(parsed()).extracting(Source::name).containsExactly("nvme0n1", "sdb");
  }

  @Test
  void omitsADiskWithoutTraffic() {
    assertThat(Meters.of(new DiskMetrics(() -> parsed(), ALL)).keySet())
        .noneMatch(name -> name.endsWith("sdb"));
  }

  @Test
  void anUnreadableLineLosesOnlyItsDisk(@TempDir Path block) throws IOException {
    Path odd = Path.of("src/test/resources/oddities/diskstats");
    for (String name : List.of("sda", "sdb", "sdc")) {
      Files.createDirectory(block.resolve(name));
    }
    Meters meters = new Meters(new DiskMetrics(Disks.linux(odd, block), ALL));

    assertThat(meters.allValues())
        .containsEntry("system.disk.operation_time write sda", 18446744073709551.615)
        .containsEntry("system.disk.io read sda", 800 * 512.0)
        .containsEntry("collector.success disk", 0.0);
    assertThat(meters.values().keySet()).allMatch(name -> name.endsWith(" sda"));
  }

  @Test
  void includeAndExcludeSelectByName() {
    NamePatterns others = new NamePatterns(List.of("*"), List.of("nvme*"));

    assertThat(Meters.of(new DiskMetrics(() -> parsed(), others))).isEmpty();
  }

  @Test
  void removesTheMetersOfAnUnpluggedDisk() {
    List<Source<Disk>> disks = new ArrayList<>(parsed());
    Meters meters = new Meters(new DiskMetrics(() -> disks, ALL));
    assertThat(meters.values()).containsKey("system.disk.io read nvme0n1");
    disks.clear();
    assertThat(meters.later().values()).isEmpty();
    assertThat(meters.registry.scrape()).doesNotContain("nvme0n1");
    disks.addAll(parsed());

    assertThat(meters.later().values()).containsKey("system.disk.io read nvme0n1");
  }

  @Test
  void bytesAndOperationsComeFromOneReading() {
    List<Integer> readings = new ArrayList<>();
    DiskMetrics family =
        new DiskMetrics(
            () -> {
              readings.add(1);
              long number = readings.size();
              return List.of(
                  Source.of("sda", new Disk("sda", number, number, 1, number, number, 1, 1)));
            },
            ALL);
    Meters meters = new Meters(family);
    meters.values();

    assertThat(meters.later().values())
        .containsEntry("system.disk.io read sda", 2.0)
        .containsEntry("system.disk.operations read sda", 2.0)
        .containsEntry("system.disk.io write sda", 2.0);
    assertThat(readings).hasSize(2);
  }

  @Test
  void outsideLinuxOshiLacksTheOperationTime() {
    HWDiskStore disk =
        Recorded.a(HWDiskStore.class)
            .with("updateAttributes", true)
            .with("getName", "disk0")
            .with("getReads", 1L)
            .with("getReadBytes", 4096L)
            .with("getWrites", 2L)
            .with("getWriteBytes", 8192L)
            .with("getTransferTime", 500L)
            .reading();
    HWDiskStore gone =
        Recorded.a(HWDiskStore.class).with("getName", "disk1").with("getReads", 1L).reading();
    Map<String, Double> values =
        Meters.of(new DiskMetrics(Disks.elsewhere(() -> List.of(disk, gone)), ALL));

    assertThat(values)
        .isEqualTo(
            Map.of(
                "system.disk.io read disk0", 4096.0,
                "system.disk.io write disk0", 8192.0,
                "system.disk.operations read disk0", 1.0,
                "system.disk.operations write disk0", 2.0,
                "system.disk.io_time disk0", 0.5));
  }

  @Test
  void modelsComeFromSysfs(@TempDir Path block) throws IOException {
    disk(block, "sda", "model", "Samsung SSD 870 \n", "2000");
    disk(block, "mmcblk0", "name", "SC32G\n", "1000");
    disk(block, "loop0", "name", "none", "10");
    disk(block, "sdb", "model", "Card Reader", "0");

    assertThat(Disks.models(block))
        .containsExactlyInAnyOrder(
            new Model("sda", "Samsung SSD 870", 2000 * 512),
            new Model("mmcblk0", "SC32G", 1000 * 512));
  }

  @Test
  void disksOfThisMachineHaveNoNegativeCounts() {
    assertThat(Meters.of(new DiskMetrics(new Machine().disks(), ALL)).values())
        .allSatisfy(value -> assertThat(value).isGreaterThanOrEqualTo(0));
  }

  private static List<Source<Disk>> parsed() {
    return Disks.parse(DISKSTATS, name -> !name.endsWith("p1"));
  }

  private static void disk(Path block, String name, String file, String model, String size)
      throws IOException {
    Path device = Files.createDirectories(block.resolve(name).resolve("device"));
    Files.writeString(device.resolve(file), model);
    Files.writeString(block.resolve(name).resolve("size"), size + "\n");
  }
}
