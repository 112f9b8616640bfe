package routes.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Runs the sh and yaml blocks of README.md and docs/, or checks those that cannot run here.
 * CONTRIBUTING.md lists the marks of a block.
 */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocumentedCommandsTest {
  private static final int PATIENCE = 60;

  private final Session session = new Session();
  private final SharedRun run = new SharedRun(session);

  @TestFactory
  Stream<DynamicTest> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (Path page : pages()) {
      blocks.addAll(Block.of(page));
    }
    assertThat(blocks).anyMatch(block -> block.text().equals(SharedRun.COMMAND));
    return blocks.stream()
        .filter(block -> block.language().matches("sh|yaml"))
        .map(block -> DynamicTest.dynamicTest(block.name(), () -> named(block)));
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(Path.of("README.md"), Path.of("cloud/README.md")));
    try (Stream<Path> files = Files.walk(Path.of("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  @Test
  void referenceListsEveryLiveMetric() throws Exception {
    String command = run.ports().in("curl -s localhost:8080/metrics");
    Terminal scrape = session.start(run.folder(), Map.of(), command);
    assertThat(scrape.exit(PATIENCE)).isZero();
    String page = Files.readString(Path.of("docs/reference.md"));
    assertThat(scrape.output())
        .filteredOn(line -> line.matches("# TYPE (?!jvm_).*"))
        .hasSizeGreaterThan(30)
        .extracting(line -> line.split(" ")[2].replaceFirst("_max$", ""))
        .allSatisfy(metric -> assertThat(page).contains("`" + metric + "`"));
  }

  /** Reports only number dynamic tests, so the failure contains the name. */
  private void named(Block block) throws Exception {
    try {
      test(block);
    } catch (AssertionError | ConditionTimeoutException e) {
      throw new AssertionError(block.name() + ": " + e.getMessage(), e);
    }
  }

  private void test(Block block) throws Exception {
    if (block.language().equals("yaml")) {
      DocumentedYaml.check(block, run.folder(), session);
      return;
    }
    checkSyntax(block);
    assertThat(DocumentedPaths.missing(block)).as("paths that do not exist").isEmpty();
    assertThat(DocumentedSettings.unknown(block)).as("unknown settings").isEmpty();
    if (block.mark("not run").isEmpty()) {
      block.mark("needs").ifPresent(program -> assumeThat(isOnPath(program)).as(program).isTrue());
      if (block.text().equals(SharedRun.COMMAND)) {
        awaitOutput(block, run.terminal());
      } else if (block.runsUntilStopped()) {
        runUntilStopped(block);
      } else {
        runToItsEnd(block);
      }
    }
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private void checkSyntax(Block block) throws Exception {
    Path folder = run.folder();
    Path script = Files.writeString(Files.createTempFile(folder, "block", ".sh"), block.text());
    try (Terminal bash = session.start(folder, Map.of(), "bash -n " + script)) {
      assertThat(bash.exit(PATIENCE)).as(String.join("\n", bash.output())).isZero();
    }
  }

  private void runToItsEnd(Block block) throws Exception {
    BlockPorts ports = run.ports();
    // The NATS CLI connects to port 4222 otherwise.
    Map<String, String> nats = Map.of("NATS_URL", "nats://127.0.0.1:" + ports.get("4222"));
    String commands = block.mark("first").map(first -> first + "\n").orElse("") + block.text();
    try (Terminal terminal = session.start(run.folder(), nats, ports.in(commands))) {
      int exit = terminal.exit(PATIENCE);
      List<String> output = terminal.output();
      int expected = Integer.parseInt(block.mark("exit code").orElse("0"));
      assertThat(exit).as(String.join("\n", output)).isEqualTo(expected);
      if (Shape.isWhole(block.output()) && !block.output().isEmpty()) {
        assertThat(Shape.of(output)).isEqualTo(Shape.of(block.output()));
      } else {
        assertThat(Shape.missing(block.output(), output)).isEmpty();
      }
    }
  }

  /** A block with its own ./run also has its own copy and ports. */
  private void runUntilStopped(Block block) throws Exception {
    boolean own = block.text().contains(" ./run");
    BlockPorts ports = own ? BlockPorts.free() : run.ports();
    Path folder = own ? session.newCopy() : run.folder();
    Map<String, String> http = own ? Map.of("HTTP_PORT", ports.get("8080")) : Map.of();
    try (Terminal terminal = session.start(folder, http, ports.in(block.text()))) {
      awaitOutput(block, terminal);
    }
  }

  private static void awaitOutput(Block block, Terminal terminal) {
    await()
        .atMost(Duration.ofSeconds(PATIENCE))
        .untilAsserted(
            () -> {
              List<String> output = terminal.output();
              assertThat(output).isNotEmpty();
              assertThat(Shape.missing(block.output(), output))
                  .as("missing in " + String.join("\n", output))
                  .isEmpty();
            });
    assertThat(terminal.isRunning()).isTrue();
  }

  @AfterAll
  void close() {
    session.close();
  }
}
