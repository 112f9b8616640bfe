package routes.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import oshi.hardware.CentralProcessor;
import oshi.software.os.OperatingSystem;
import routes.host.Disks.Model;
import routes.host.Interfaces.Link;
import routes.log.RateLimitedLog;
import routes.sample.Device;
import routes.settings.Version;

/**
 * Describes the host: a message with the same head as samples, and
 *
 * <ul>
 *   <li>host - the host's name
 *   <li>runtime - version of this program, and java, the version of Java
 *   <li>os - family, version and kernel
 *   <li>cpu - architecture, model, logical and physical count
 *   <li>memory - bytes
 *   <li>disks - name, model and size in bytes of each
 *   <li>interfaces - name, alias, mac, addresses and speed in bit/s of each
 * </ul>
 *
 * <p>Unknown values are absent.
 */
public final class Inventory {
  private final RateLimitedLog log = new RateLimitedLog(LoggerFactory.getLogger(Inventory.class));
  private final Machine machine;
  private final Device device;
  private final Predicate<String> disks;
  private final Predicate<String> interfaces;
  private final Map<String, Callable<Object>> more = new ConcurrentHashMap<>();

  /**
   * @param disks which disks to list, by name
   * @param interfaces which network interfaces to list, by name
   */
  Inventory(Machine machine, Device device, Predicate<String> disks, Predicate<String> interfaces) {
    this.machine = machine;
    this.device = device;
    this.disks = disks;
    this.interfaces = interfaces;
  }

  /** Adds a part that does not describe the host. */
  public void add(String name, Callable<Object> part) {
    more.put(name, part);
  }

  public Map<String, Object> inventory() {
    Map<String, Object> inventory = device.message();
    inventory.put("host", machine.hostName());
    inventory.put("runtime", runtime());
    put(inventory, "os", () -> os(machine.release(), machine.operatingSystem()));
    put(inventory, "cpu", () -> cpu(machine.processor()));
    put(inventory, "memory", () -> machine.memory().get().total().value().call().longValue());
    put(inventory, "disks", () -> list(machine.diskModels(), Model::name, disks, Inventory::disk));
    put(
        inventory,
        "interfaces",
        () -> list(machine.links(), Link::name, interfaces, Inventory::link));
    more.forEach((name, part) -> put(inventory, name, part));
    return inventory;
  }

  /** Adds a part; one that cannot be read is left out. */
  private void put(Map<String, Object> inventory, String name, Callable<Object> part) {
    try {
      inventory.put(name, part.call());
    } catch (Exception | LinkageError e) {
      log.warn("cannot read " + name + " for the inventory: " + e);
    }
  }

  private static <T> List<Map<String, Object>> list(
      List<T> devices,
      Function<T, String> name,
      Predicate<String> chosen,
      Function<T, Map<String, Object>> entry) {
    return devices.stream()
        .filter(device -> chosen.test(name.apply(device)))
        .map(entry)
        .collect(Collectors.toList());
  }

  private static Map<String, Object> runtime() {
    return known("version", Version.text(), "java", Runtime.version().toString());
  }

  private static Map<String, Object> os(Release release, OperatingSystem os) {
    return known(
        "family",
        release.family(),
        "version",
        release.version(),
        "kernel",
        os.getVersionInfo().getBuildNumber());
  }

  private static Map<String, Object> cpu(CentralProcessor cpu) {
    return known(
        "architecture",
        System.getProperty("os.arch"),
        "model",
        cpu.getProcessorIdentifier().getName(),
        "logical",
        cpu.getLogicalProcessorCount(),
        "physical",
        cpu.getPhysicalProcessorCount());
  }

  private static Map<String, Object> disk(Model disk) {
    return known("name", disk.name(), "model", disk.model(), "size", disk.size());
  }

  static Map<String, Object> link(Link link) {
    return known(
        "name",
        link.name(),
        "alias",
        link.alias(),
        "mac",
        link.mac(),
        "addresses",
        link.addresses(),
        "speed",
        link.speed());
  }

  /** Omits what OSHI returns for unknown values: empty text, "unknown", 0 or less. */
  static Map<String, Object> known(Object... pairs) {
    Map<String, Object> known = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      Object value = pairs[i + 1];
      boolean unknown =
          value == null
              || value instanceof String text && (text.isBlank() || text.equals("unknown"))
              || value instanceof Number number && number.longValue() <= 0
              || value instanceof List<?> list && list.isEmpty();
      if (!unknown) {
        known.put((String) pairs[i], value);
      }
    }
    return known;
  }
}
