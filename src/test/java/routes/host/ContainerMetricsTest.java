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
  void readsLimitsAndUsageOfVersion2() throws IOException {
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
  void findsTheGroupOfASystemdUnit() throws IOException {
    givenVersionTwo("0::/system.slice/edge.service");
    file("system.slice/edge.service/cgroup.type", "domain");
    file("system.slice/edge.service/memory.max", "1000");

    assertThat(read()).isEqualTo(Map.of("container.memory.limit", 1000.0));
  }

  @Test
  void omitsAMissingLimit() throws IOException {
    givenVersionTwo("0::/../elsewhere");
    file("cgroup.type", "domain");
    file("cpu.max", "max 100000");
    file("memory.max", "max");
    file("memory.current", "7");

    assertThat(read()).isEqualTo(Map.of("container.memory.usage", 7.0));
  }

  @Test
  void theMachineItselfIsNotAContainer() throws IOException {
    givenVersionTwo("0::/");
    file("cpu.stat", "usage_usec 2500000");

    assertThat(read()).isEmpty();
  }

  @Test
  void readsLimitsAndUsageOfVersion1() throws IOException {
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
  void readsUsageOfVersion1WithoutLimits() throws IOException {
    self("5:memory:/docker/1f\n4:cpu,cpuacct:/docker/1f");
    givenVersionOneWithoutLimits();

    assertThat(read())
        .isEqualTo(Map.of("container.cpu.time", 3.0, "container.memory.usage", 4096.0));
  }

  @Test
  void theRootGroupOfVersion1IsTheMachineItself() throws IOException {
    self("5:memory:/\n4:cpu,cpuacct:/");
    givenVersionOneWithoutLimits();

    assertThat(read()).isEmpty();
  }

  @Test
  void aMachineWithoutControlGroupsHasNoContainerMeters() {
    assertThat(read()).isEmpty();
  }

  @Test
  void measuresTheMemoryOfThisProcessIfSupported() {
    assertThat(Meters.of(new ContainerMetrics(new Machine().container())))
        .allSatisfy((name, value) -> assertThat(value).isPositive());
  }

  @Test
  void usesTheLowestLimitOfTheParentGroups() throws IOException {
    givenVersionTwo("0::/kubepods/pod1/1f");
    group("kubepods/pod1/1f", "memory.max=max", "cpu.max=max 100000", "memory.current=5");
    group("kubepods/pod1", "memory.max=2000", "cpu.max=150000 100000");
    group("kubepods", "memory.max=9000", "cpu.max=400000 100000");

    assertThat(read())
        .isEqualTo(
            Map.of(
                "container.memory.limit", 2000.0,
                "container.memory.usage", 5.0,
                "container.cpu.limit", 1.5));
  }

  @Test
  void usesTheLowestLimitOfHiddenParentsInVersion1() throws IOException {
    self("5:memory:/docker/1f\n4:cpu,cpuacct:/docker/1f");
    mounted("/docker/1f|memory|cgroup|memory", "/docker/1f|cpu,cpuacct|cgroup|cpu,cpuacct");
    file("memory/memory.limit_in_bytes", "9223372036854771712");
    file("memory/memory.stat", "cache 1\nhierarchical_memory_limit 536870912\nrss 2");
    file("memory/memory.usage_in_bytes", "4096");

    assertThat(read())
        .isEqualTo(Map.of("container.memory.limit", 536870912.0, "container.memory.usage", 4096.0));
  }

  @Test
  void aHybridMachineHasEachControllerInEitherVersion() throws IOException {
    self("5:memory:/box\n0::/box");
    mounted("/|memory|cgroup|memory", "/|unified|cgroup2|nsdelegate");
    group("memory/box", "memory.limit_in_bytes=4096", "memory.usage_in_bytes=1024");
    group("unified/box", "cpu.max=50000 100000", "cpu.stat=usage_usec 3000000", "memory.max=1");

    assertThat(read())
        .isEqualTo(
            Map.of(
                "container.memory.limit", 4096.0,
                "container.memory.usage", 1024.0,
                "container.cpu.limit", 0.5,
                "container.cpu.time", 3.0));
  }

  @Test
  void rootlessGroupsMayLackControllers() throws IOException {
    givenVersionTwo("0::/user.slice/user-1000.slice/user@1000.service/app.slice/box");
    group("user.slice/user-1000.slice", "memory.max=8000", "memory.current=7000");
    group(
        "user.slice/user-1000.slice/user@1000.service/app.slice/box",
        "cpu.stat=usage_usec 1000000");

    assertThat(read())
        .isEqualTo(Map.of("container.memory.limit", 8000.0, "container.cpu.time", 1.0));
  }

  @Test
  void insideItsNamespaceTheGroupIsTheRootOfTheMount() throws IOException {
    self("0::/docker/1f");
    mounted("/docker/1f||cgroup2|rw");
    group("", "memory.max=3000", "memory.current=1");

    assertThat(read())
        .isEqualTo(Map.of("container.memory.limit", 3000.0, "container.memory.usage", 1.0));
  }

  @Test
  void findsAGroupBelowThatOfTheContainer() throws IOException {
    self("0::/docker/1f/init");
    mounted("/docker/1f||cgroup2|rw");
    group("", "memory.max=3000", "memory.current=9");
    group("init", "memory.max=max", "memory.current=1");

    assertThat(read())
        .isEqualTo(Map.of("container.memory.limit", 3000.0, "container.memory.usage", 1.0));
  }

  @Test
  void aMountFromOutsideTheNamespaceShowsOnlyLimits() throws IOException {
    self("0::/");
    mounted("/../..||cgroup2|rw");
    group("", "memory.max=3000", "memory.current=9", "cpu.stat=usage_usec 1000000");

    assertThat(read()).isEqualTo(Map.of("container.memory.limit", 3000.0));
  }

  @Test
  void aReducedProcessorSetIsALimit() throws IOException {
    givenVersionTwo("0::/box/in");
    group("box", "cpuset.cpus.effective=0-1,3", "cpu.max=350000 100000");
    group("box/in", "cpu.stat=usage_usec 1000000");
    Files.writeString(root.resolve("online"), "0-3\n");
    assertThat(read()).containsEntry("container.cpu.limit", 3.0);

    Files.writeString(root.resolve("online"), "0-1,3\n");
    assertThat(read()).containsEntry("container.cpu.limit", 3.5);
  }

  @Test
  void anInvalidValueLosesOnlyItsNumber() throws IOException {
    givenVersionTwo("0::/box");
    group("box", "memory.max=lots", "memory.current=1024");
    Meters meters = meters();

    assertThat(meters.allValues())
        .isEqualTo(Map.of("container.memory.usage", 1024.0, "collector.success container", 0.0));
  }

  @Test
  void followsAProcessThatIsMoved() throws IOException {
    givenVersionTwo("0::/one");
    group("one", "memory.max=1000");
    group("two", "memory.max=2000");
    Meters meters = meters();
    assertThat(meters.values()).containsEntry("container.memory.limit", 1000.0);
    self("0::/two");

    assertThat(meters.later().values()).containsEntry("container.memory.limit", 2000.0);
  }

  private void givenVersionTwo(String self) throws IOException {
    self(self);
    mounted("/||cgroup2|rw,nsdelegate");
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
    Files.writeString(root.resolve("cgroup"), text + "\n");
    if (!Files.exists(root.resolve("mountinfo"))) {
      mounted("/|memory|cgroup|rw,memory", "/|cpu|cgroup|rw,cpu", "/|cpuacct|cgroup|rw,cpuacct");
    }
  }

  /** Each as root|folder|type|options. */
  private void mounted(String... mounts) throws IOException {
    StringBuilder table = new StringBuilder();
    for (String mount : mounts) {
      String[] parts = mount.split("\\|");
      String point = root.resolve("fs").resolve(parts[1]).toString();
      table.append(
          "30 20 0:30 %s %s rw - %s none %s\n".formatted(parts[0], point, parts[2], parts[3]));
    }
    Files.writeString(root.resolve("mountinfo"), table);
  }

  /** A group of version 2 has a type, unless it is the machine. */
  private void group(String name, String... files) throws IOException {
    file(name.isEmpty() ? "cgroup.type" : name + "/cgroup.type", "domain");
    for (String file : files) {
      String[] pair = file.split("=");
      file(name.isEmpty() ? pair[0] : name + "/" + pair[0], pair[1]);
    }
  }

  private void file(String name, String text) throws IOException {
    Path file = root.resolve("fs").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  private Map<String, Double> read() {
    return meters().values();
  }

  private Meters meters() {
    return new Meters(new ContainerMetrics(new Cgroup(root, root.resolve("online"))));
  }
}
