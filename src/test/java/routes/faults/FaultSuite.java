package routes.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/**
 * Checks that no fault loses a message: {@code mvn -Pfaults verify}. The table is in
 * target/faults/table.md, with the runtime's logs beside it.
 *
 * <p>{@code -Dfaults.only=NATS} runs only the faults whose name contains the text. {@code
 * -Dfaults.seed=7} repeats a random sequence.
 */
class FaultSuite {
  static final Path FOLDER = Path.of("target/faults");
  private static final Table TABLE = new Table();

  /** The same instances each time, because they are the keys of the table. */
  private static final List<Fault> FAULTS = Faults.all(seed());

  private static final List<Fault> FLEET_FAULTS = List.of(FleetTrial.FAULT);

  private static long seed() {
    return Long.getLong("faults.seed", System.currentTimeMillis() % 1_000_000);
  }

  static List<Fault> faults() {
    return only(FAULTS);
  }

  static List<Fault> fleetFaults() {
    return only(FLEET_FAULTS);
  }

  private static List<Fault> only(List<Fault> faults) {
    String only = System.getProperty("faults.only", "");
    return faults.stream().filter(fault -> fault.toString().contains(only)).toList();
  }

  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource("faults")
  @Timeout(600)
  void nothingIsLost(Fault fault) throws Exception {
    run(fault, () -> new Trial(fault, TABLE).run());
  }

  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource("fleetFaults")
  @Timeout(600)
  void nothingOfAFleetIsLost(Fault fault) throws Exception {
    run(fault, () -> new FleetTrial(fault, TABLE).run());
  }

  /** A trial that throws what went wrong. */
  @FunctionalInterface
  private interface Run {
    void run() throws Exception;
  }

  private static void run(Fault fault, Run trial) throws Exception {
    try {
      trial.run();
    } catch (TestAbortedException e) {
      TABLE.skipped(fault, e.getMessage());
      throw e;
    } catch (Exception | AssertionError e) {
      TABLE.failed(fault, e);
      throw e;
    }
  }

  @AfterAll
  static void print() throws IOException {
    List<Fault> all = new ArrayList<>(faults());
    all.addAll(fleetFaults());
    TABLE.write(all, FOLDER.resolve("table.md"));
  }
}
