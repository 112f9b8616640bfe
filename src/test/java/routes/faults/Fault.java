package routes.faults;

import java.util.List;
import java.util.Map;

/**
 * A fault and the system it happens to.
 *
 * @param name as the table says it
 * @param gateway one, or several with commas between them
 * @param settings the runtime's, besides the usual ones
 */
record Fault(String name, String gateway, Map<String, String> settings, Nemesis nemesis) {
  /** Makes the fault while samples go in; returns as soon as it has lifted it. */
  @FunctionalInterface
  interface Nemesis {
    void strike(Rig rig) throws Exception;
  }

  Fault(String name, String gateway, Nemesis nemesis) {
    this(name, gateway, Map.of(), nemesis);
  }

  /** Its name as a file's. */
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
