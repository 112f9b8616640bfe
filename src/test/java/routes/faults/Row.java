package routes.faults;

import java.time.Duration;
import java.util.BitSet;

/**
 * The result of a fault.
 *
 * @param acknowledged the samples that JetStream acknowledged
 * @param landed the samples that the cloud has
 * @param recovery from the end of the fault to the first new sample in the cloud
 * @param drain from the end of the fault until no sample waits
 */
record Row(
    String fault,
    String gateway,
    BitSet acknowledged,
    BitSet landed,
    int duplicates,
    int reordered,
    Duration recovery,
    Duration drain,
    Vitals before,
    Vitals after) {
  /** The numbers that JetStream acknowledged and the cloud lacks. */
  BitSet lost() {
    BitSet lost = (BitSet) acknowledged.clone();
    lost.andNot(landed);
    return lost;
  }

  String markdown() {
    return "| %s | %s | %d | %d | %d | %d | %d | %.1f s | %.1f s | %d → %d | %.0f → %.0f MB |\n"
        .formatted(
            fault,
            gateway,
            acknowledged.cardinality(),
            landed.cardinality(),
            lost().cardinality(),
            duplicates,
            reordered,
            recovery.toMillis() / 1e3,
            drain.toMillis() / 1e3,
            before.threads(),
            after.threads(),
            before.heapMegabytes(),
            after.heapMegabytes());
  }
}
