package routes.faults;

import java.util.List;
import java.util.Map;

/**
 * A fault and the system that it affects.
 *
 * @param name as in the table
 * @param gateway one, or several with commas between them
 * @param settings of the runtime, in addition to the usual ones
 */
record Fault(String name, String gateway, Map<String, String> settings, Nemesis nemesis) {
  /** Causes the fault while samples are published, and returns as soon as the fault has ended. */
  @FunctionalInterface
  interface Nemesis {
    void strike(Rig rig) throws Exception;
  }

  Fault(String name, String gateway, Nemesis nemesis) {
    this(name, gateway, Map.of(), nemesis);
  }

  /** Its name as a file name. */
  String file() {
    return name.replaceAll("[^A-Za-z0-9]+", "-");
  }

  List<String> gateways() {
    return List.of(gateway.split(","));
  }

  @Override
  public String toString() {
    return name + " (" + gateway + ")";
  }
}
