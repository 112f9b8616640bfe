package routes.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The results of the suite as a Markdown table. */
final class Table {
  private static final String HEAD =
      """
      | fault | gateway | samples in | landed | lost | duplicates | reordered | time to recover | time to drain | threads | heap |
      |---|---|---|---|---|---|---|---|---|---|---|
      """;

  private final Map<Fault, String> lines = new ConcurrentHashMap<>();

  void add(Fault fault, List<Row> rows) {
    lines.put(fault, rows.stream().map(Row::markdown).collect(Collectors.joining()));
  }

  void skipped(Fault fault, String why) {
    lines.put(fault, "| %s | %s | skipped: %s |\n".formatted(fault.name(), fault.gateway(), why));
  }

  /** Adds a failure, after the fault's rows if there are any. */
  void failed(Fault fault, Throwable why) {
    String line = String.valueOf(why.getMessage()).strip().lines().findFirst().orElse("");
    String row = "| %s | %s | FAILED: %s |\n".formatted(fault.name(), fault.gateway(), line);
    lines.merge(fault, row, String::concat);
  }

  /** Writes the table, in the order of the list, to the file and the console. */
  void write(List<Fault> faults, Path file) throws IOException {
    StringBuilder table = new StringBuilder(HEAD);
    faults.forEach(fault -> table.append(lines.getOrDefault(fault, "")));
    Files.createDirectories(file.getParent());
    Files.writeString(file, table);
    System.out.println("\n" + table);
  }
}
