package routes.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/**
 * Nothing is lost: {@code mvn -Pfaults verify}. The table is in target/faults/table.md, what the
 * runtime said beside it.
 *
 * <p>{@code -Dfaults.only=NATS} runs those faults alone whose name holds a text, {@code
 * -Dfaults.seed=7} repeats a random sequence.
 */
class FaultSuite {
  static final Path FOLDER = Path.of("target/faults");
  private static final Table TABLE = new Table();

  /** The same ones each time, as they are the table's keys. */
  private static final List<Fault> FAULTS = Faults.all(seed());

  private static long seed() {
    return Long.getLong("faults.seed", System.currentTimeMillis() % 1_000_000);
  }

  static List<Fault> faults() {
    String only = System.getProperty("faults.only", "");
    return FAULTS.stream().filter(fault -> fault.toString().contains(only)).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  @Timeout(600)
  void nothingIsLost(Fault fault) throws Exception {
    try {
      new Trial(fault, TABLE).run();
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
    TABLE.write(faults(), FOLDER.resolve("table.md"));
  }
}
