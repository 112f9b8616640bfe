package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import oshi.hardware.NetworkIF;
import routes.host.Interfaces.Link;
import routes.sample.Device;
import routes.sample.NamePatterns;

class InventoryTest {
  private static final NamePatterns ALL = new NamePatterns(List.of(), List.of());

  private final Device device = new Device("edge-1", Map.of("site", "berlin"));

  @Test
  void inventoryDescribesThisHost() {
    Map<String, Object> inventory = new Inventory(new Machine(), device, ALL, ALL).inventory();

    assertThat(inventory)
        .containsOnlyKeys(
            "id",
            "deviceId",
            "timestamp",
            "labels",
            "host",
            "runtime",
            "os",
            "cpu",
            "memory",
            "disks",
            "interfaces")
        .containsEntry("deviceId", "edge-1")
        .containsEntry("labels", Map.of("site", "berlin"));
    assertThat(inventory)
        .extracting("os", InstanceOfAssertFactories.map(String.class, Object.class))
        .containsKey("family");
    assertThat(inventory)
        .extracting("runtime", InstanceOfAssertFactories.map(String.class, Object.class))
        .containsEntry("version", "dev")
        .containsEntry("java", Runtime.version().toString());
    assertThat(inventory)
        .extracting("cpu", InstanceOfAssertFactories.map(String.class, Object.class))
        .containsKeys("architecture", "logical", "physical");
  }

  @Test
  void includeAndExcludeSelectDisksAndInterfaces() {
    NamePatterns none = new NamePatterns(List.of(), List.of("*"));

    assertThat(new Inventory(new Machine(), device, none, none).inventory())
        .containsEntry("disks", List.of())
        .containsEntry("interfaces", List.of());
  }

  @Test
  void anInterfaceHasItsAddresses() {
    NetworkIF link =
        Recorded.a(NetworkIF.class)
            .with("getName", "eth0")
            .with("getIfAlias", "uplink")
            .with("getMacaddr", "02:fc:00:00:00:01")
            .with("getIPv4addr", new String[] {"10.0.0.2"})
            .with("getIPv6addr", new String[] {"fe80::1"})
            .with("getSpeed", 1_000_000_000L)
            .reading();

    assertThat(Inventory.link(Interfaces.link(link)))
        .isEqualTo(
            Map.of(
                "name",
                "eth0",
                "alias",
                "uplink",
                "mac",
                "02:fc:00:00:00:01",
                "addresses",
                List.of("10.0.0.2", "fe80::1"),
                "speed",
                1_000_000_000L));
  }

  @Test
  void readsTheHostFromFilesInsideAContainer(@TempDir Path folder) throws IOException {
    for (String name : List.of("eth0", "wlan0")) {
      Files.createDirectories(folder.resolve("net/" + name));
      Files.writeString(folder.resolve("net/" + name + "/address"), "02:fc:00:00:00:01\n");
    }
    Files.writeString(folder.resolve("net/eth0/speed"), "1000\n");
    Files.writeString(folder.resolve("net/wlan0/speed"), "4294967295\n");
    Files.writeString(folder.resolve("net/wlan0/ifalias"), "Büro\n");
    Files.writeString(folder.resolve("net/wlan0/ifindex"), "7\n");
    Files.writeString(folder.resolve("net/bonding_masters"), "bond0\n");
    assertThat(Interfaces.links(folder.resolve("net"), index -> List.of("10.0.0." + index)))
        .containsExactlyInAnyOrder(
            new Link("eth0", "", "02:fc:00:00:00:01", List.of(), 1_000_000_000L),
            new Link("wlan0", "Büro", "02:fc:00:00:00:01", List.of("10.0.0.7"), 0));

    assertThat(Interfaces.links(folder.resolve("nowhere"), index -> List.of())).isEmpty();

    Path release =
        Files.writeString(
            folder.resolve("os-release"),
            "NAME=\"Debian GNU/Linux\"\nVERSION_ID='12'\nID=debian\n");
    assertThat(Release.read(release)).isEqualTo(new Release("Debian GNU/Linux", "12"));
  }

  @Test
  void omitsWhatOshiDoesNotKnow() {
    assertThat(
            Inventory.known(
                "a", "", "b", "unknown", "c", 0L, "d", -1, "e", null, "f", List.of(), "g", "x"))
        .isEqualTo(Map.of("g", "x"));
  }
}
