package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerMetricsTest {
  @TempDir private Path root;

  @Test
  void versionTwoTellsLimitsAndUse() throws IOException {
    givenVersionTwo("0::/");
    file("cgroup.type", "domain");
    file("cpu.max", "50000 100000");
    file("cpu.stat", "usage_usec 2500000\nuser_usec 1\nsystem_usec 2");
    file("memory.max", "536870912");
    file("memory.current", "1048576");

    assertThat(read())
        .isEqualTo(
            Map.of(
                "container.cpu.limit", 0.5,
                "container.cpu.time", 2.5,
                "container.memory.limit", 536870912.0,
                "container.memory.usage", 1048576.0));
  }

  @Test
  void aUnitsOwnGroupIsFoundBelowTheRoot() throws IOException {
    givenVersionTwo("0::/system.slice/edge.service");
    file("system.slice/edge.service/cgroup.type", "domain");
    file("system.slice/edge.service/memory.max", "1000");

    assertThat(read()).isEqualTo(Map.of("container.memory.limit", 1000.0));
  }

  @Test
  void noLimitIsAbsent() throws IOException {
    givenVersionTwo("0::/../elsewhere");
    file("cgroup.type", "domain");
    file("cpu.max", "max 100000");
    file("memory.max", "max");
    file("memory.current", "7");

    assertThat(read()).isEqualTo(Map.of("container.memory.usage", 7.0));
  }

  @Test
  void theMachineItselfIsNoContainer() throws IOException {
    givenVersionTwo("0::/");
    file("cpu.stat", "usage_usec 2500000");

    assertThat(read()).isEmpty();
  }

  @Test
  void versionOneTellsLimitsAndUse() throws IOException {
    self("5:memory:/docker/1f\n4:cpu,cpuacct:/docker/1f\n0::/");
    file("cpu/cpu.cfs_quota_us", "150000");
    file("cpu/cpu.cfs_period_us", "100000");
    file("cpuacct/cpuacct.usage", "3000000000");
    file("memory/memory.limit_in_bytes", "268435456");
    file("memory/memory.usage_in_bytes", "4096");

    assertThat(read())
        .isEqualTo(
            Map.of(
                "container.cpu.limit", 1.5,
                "container.cpu.time", 3.0,
                "container.memory.limit", 268435456.0,
                "container.memory.usage", 4096.0));
  }

  @Test
  void versionOneWithoutLimitsTellsUse() throws IOException {
    self("5:memory:/docker/1f\n4:cpu,cpuacct:/docker/1f");
    givenVersionOneWithoutLimits();

    assertThat(read())
        .isEqualTo(Map.of("container.cpu.time", 3.0, "container.memory.usage", 4096.0));
  }

  @Test
  void theRootOfVersionOneIsTheMachineItself() throws IOException {
    self("5:memory:/\n4:cpu,cpuacct:/");
    givenVersionOneWithoutLimits();

    assertThat(read()).isEmpty();
  }

  @Test
  void aMachineWithoutControlGroupsHasNoContainerMeters() {
    assertThat(read()).isEmpty();
  }

  @Test
  void thisProcessUsesMemoryWhereItIsMeasured() {
    assertThat(Meters.of(new ContainerMetrics(new Machine().cgroup())))
        .allSatisfy((name, value) -> assertThat(value).isPositive());
  }

  private void givenVersionTwo(String self) throws IOException {
    self(self);
    file("cgroup.controllers", "cpu memory");
  }

  private void givenVersionOneWithoutLimits() throws IOException {
    file("cpu/cpu.cfs_quota_us", "-1");
    file("cpu/cpu.cfs_period_us", "100000");
    file("cpuacct/cpuacct.usage", "3000000000");
    file("memory/memory.limit_in_bytes", "9223372036854771712");
    file("memory/memory.usage_in_bytes", "4096");
  }

  private void self(String text) throws IOException {
    Files.writeString(root.resolve("self"), text + "\n");
  }

  private void file(String name, String text) throws IOException {
    Path file = root.resolve("cgroup").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  private Map<String, Double> read() {
    return Meters.of(
        new ContainerMetrics(new Cgroup(root.resolve("cgroup"), root.resolve("self"))));
  }
}
