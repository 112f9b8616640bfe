package routes.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import routes.NatsServer;

/**
 * Runs one fault: publishes samples before, during and after it, then checks that each one has
 * arrived.
 */
final class Trial {
  private static final int WARM_UP = 200;
  private static final int AFTERWARDS = 50;

  private final Fault fault;
  private final Table table;

  Trial(Fault fault, Table table) {
    this.fault = fault;
    this.table = table;
  }

  /**
   * Adds one row per gateway to the table, then asserts that nothing is lost and everything is as
   * before.
   */
  void run() throws Exception {
    try (Rig rig = new Rig(new NatsServer(), fault.gateways(), fault.settings())) {
      try {
        run(rig);
      } finally {
        rig.writeLog(FaultSuite.FOLDER.resolve(fault.file() + ".log"));
      }
    }
  }

  private void run(Rig rig) throws Exception {
    rig.startRuntime();
    rig.awaitReady();
    rig.feed();
    rig.feeder().burst(WARM_UP);
    rig.landed(WARM_UP / 2);
    Vitals before = Vitals.before(rig.runtime());
    say("started");
    fault.nemesis().strike(rig);
    say("over");
    rig.clouds.forEach(cloud -> cloud.landings().lifted());
    rig.landed(1);
    rig.fed(AFTERWARDS);
    rig.feeder().stop();
    List<Row> rows = new ArrayList<>();
    for (Cloud cloud : rig.clouds) {
      rig.drained(cloud);
      rig.arrived(cloud);
      Rig.until("written", () -> cloud.kept().count() >= cloud.landings().count());
      rows.add(row(rig, cloud, before));
    }
    table.add(fault, rows);
    say(
        "%d samples published, lost %s"
            .formatted(rig.feeder().count(), rows.stream().map(Row::lost).toList()));
    for (int i = 0; i < rows.size(); i++) {
      check(rig, rig.clouds.get(i), rows.get(i));
    }
    assertThat(rig.output()).as("no stack trace").noneMatch(line -> line.startsWith("\tat "));
  }

  private Row row(Rig rig, Cloud cloud, Vitals before) throws Exception {
    Landings kept = cloud.kept();
    return new Row(
        fault.name(),
        cloud.gateway(),
        rig.feeder().acknowledged(),
        kept.numbers(),
        kept.duplicates(),
        cloud.landings().reordered(),
        cloud.landings().recovery(),
        cloud.landings().drain(),
        before,
        Vitals.settled(rig.runtime(), before));
  }

  private void check(Rig rig, Cloud cloud, Row row) throws Exception {
    assertThat(row.lost())
        .as("acknowledged by JetStream, not in the cloud")
        .isEqualTo(new BitSet());
    assertThat(row.after().near(row.before()))
        .as("%s before, %s after", row.before(), row.after())
        .isTrue();
    rig.awaitState(cloud, "connected");
    Rig.until("nothing waits", () -> rig.status(cloud).path("backlog").asInt(-1) == 0);
    JsonNode told = rig.status(cloud);
    assertThat(told.path("drops").asInt(-1)).as("reported drops").isZero();
    if (rig.starts() == 1) {
      assertThat(told.path("delivered").asInt())
          .as("reported deliveries")
          .isGreaterThanOrEqualTo(row.landed().cardinality());
    }
  }

  private void say(String what) {
    say(fault, what);
  }

  static void say(Object fault, String what) {
    System.out.printf("%tT  %-60s %s%n", LocalTime.now(), fault, what);
  }
}
