package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import oshi.hardware.NetworkIF;
import routes.host.NetworkMetrics.Interface;
import routes.sample.NamePatterns;

class NetworkMetricsTest {
  private static final NamePatterns ALL = new NamePatterns(List.of(), List.of());
  private static final String DEV =
      """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
          lo:    6007      71    0    0    0     0          0         0     6007      71    0    0    0     0       0          0
       ifb0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
      eth0.100:18446744073   5796    1    2    0     0          0         0   728225    5136    3    4    0     0       0          0
      """;

  @Test
  void measuresEachInterfaceByDirection() {
    NamePatterns notLo = new NamePatterns(List.of("*"), List.of("lo"));

    assertThat(Meters.of(new NetworkMetrics(() -> Interfaces.parse(DEV), notLo)))
        .isEqualTo(
            Map.of(
                "system.network.io eth0.100 receive", 18446744073.0,
                "system.network.io eth0.100 transmit", 728225.0,
                "system.network.packet.count eth0.100 receive", 5796.0,
                "system.network.packet.count eth0.100 transmit", 5136.0,
                "system.network.errors eth0.100 receive", 1.0,
                "system.network.errors eth0.100 transmit", 3.0,
                "system.network.packet.dropped eth0.100 receive", 2.0,
                "system.network.packet.dropped eth0.100 transmit", 4.0));
  }

  @Test
  void omitsAnInterfaceWithoutTraffic() {
    assertThat(Meters.of(new NetworkMetrics(() -> Interfaces.parse(DEV), ALL)).keySet())
        .anyMatch(name -> name.contains("lo"))
        .noneMatch(name -> name.contains("ifb0"));
  }

  @Test
  void anUnreadableLineLosesOnlyItsInterface() {
    Path odd = Path.of("src/test/resources/oddities/net-dev");
    Meters meters = new Meters(new NetworkMetrics(Interfaces.linux(odd), ALL));

    assertThat(meters.allValues())
        .containsEntry("system.network.io max0 receive", 18446744073709551615.0)
        .containsEntry("system.network.io eth0:1 transmit", 300.0)
        .containsEntry("system.network.io büro transmit", 300.0)
        .containsEntry("system.network.io caf\\xe9 transmit", 300.0)
        .containsEntry("collector.success network", 0.0);
    assertThat(meters.values().keySet())
        .noneMatch(name -> name.contains("big") || name.contains("cut"));
  }

  @Test
  void removesTheMetersOfAnInterfaceThatDisappears() {
    List<Source<Interface>> interfaces = new ArrayList<>(Interfaces.parse(DEV));
    Meters meters = new Meters(new NetworkMetrics(() -> interfaces, ALL));
    assertThat(meters.values()).containsKey("system.network.io lo receive");
    interfaces.remove(0);

    assertThat(meters.later().values())
        .doesNotContainKey("system.network.io lo receive")
        .containsKey("system.network.io eth0.100 receive");
  }

  @Test
  void outsideLinuxOshiLacksTransmitDrops() {
    NetworkIF link =
        Recorded.a(NetworkIF.class)
            .with("updateAttributes", true)
            .with("getName", "en0")
            .with("getBytesRecv", 10L)
            .with("getPacketsRecv", 1L)
            .with("getInDrops", 3L)
            .reading();
    NetworkIF gone = Recorded.a(NetworkIF.class).with("getName", "en1").reading();

    assertThat(Meters.of(new NetworkMetrics(Interfaces.elsewhere(() -> List.of(link, gone)), ALL)))
        .containsEntry("system.network.io en0 receive", 10.0)
        .containsEntry("system.network.packet.dropped en0 receive", 3.0)
        .doesNotContainKey("system.network.packet.dropped en0 transmit")
        .allSatisfy((name, value) -> assertThat(name).doesNotContain("en1"));
  }

  @Test
  void interfacesOfThisMachineHaveNoNegativeCounts() {
    assertThat(Meters.of(new NetworkMetrics(new Machine().interfaces(), ALL)).values())
        .allSatisfy(value -> assertThat(value).isGreaterThanOrEqualTo(0));
  }
}
