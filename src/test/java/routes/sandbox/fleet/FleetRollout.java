package routes.sandbox.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Offers a version to each device, and follows what the devices report to their clouds. */
final class FleetRollout {
  private static final List<String> PHASES =
      List.of("waiting", "downloading", "checking", "probation", "active", "rolled-back");

  private static final String ACTIVE = "active";
  private static final String ROLLED_BACK = "rolled-back";

  /** Why a broken device must return to the version before. */
  private static final String REASON = "route plant failed with each of ";

  private final List<FleetMember> members;
  private final int version;
  private final boolean breaks;
  private final PrintStream out;

  /**
   * @param breaks whether the version must fail on the broken devices
   */
  FleetRollout(List<FleetMember> members, int version, boolean breaks, PrintStream out) {
    this.members = members;
    this.version = version;
    this.breaks = breaks;
    this.out = out;
  }

  /**
   * Prints a line per second, and the result.
   *
   * @return whether each device did what it must
   */
  boolean run(String offer, Duration patience) throws InterruptedException {
    long start = System.nanoTime();
    members.forEach(member -> member.cloud().desire(member.device(), offer));
    Map<String, Integer> phases = phases();
    for (long second = 1; done(phases) < members.size() && second <= patience.toSeconds(); ) {
      TimeUnit.MILLISECONDS.sleep(100);
      phases = phases();
      if (System.nanoTime() - start >= TimeUnit.SECONDS.toNanos(second)) {
        out.println(line(second++, phases));
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return judge(seconds);
  }

  private static int done(Map<String, Integer> phases) {
    return phases.entrySet().stream()
        .filter(each -> List.of(ACTIVE, ROLLED_BACK, "rejected").contains(each.getKey()))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  private Map<String, Integer> phases() {
    Map<String, Integer> phases = new LinkedHashMap<>();
    PHASES.forEach(phase -> phases.put(phase, 0));
    members.forEach(member -> phases.merge(phase(member), 1, Integer::sum));
    return phases;
  }

  private String phase(FleetMember member) {
    JsonNode bundle = member.bundle();
    return bundle.path("version").asInt() == version ? bundle.path("phase").asText() : "waiting";
  }

  private static String line(long second, Map<String, Integer> phases) {
    StringBuilder line = new StringBuilder("%4d s".formatted(second));
    phases.forEach((phase, count) -> line.append("  ").append(phase).append(' ').append(count));
    return line.toString();
  }

  private boolean judge(double seconds) {
    int accepted = 0;
    int back = 0;
    List<String> others = new ArrayList<>();
    String reason = null;
    for (FleetMember member : members) {
      JsonNode bundle = member.bundle();
      String error = bundle.path("error").asText("");
      boolean fails = breaks && member.broken();
      int current = bundle.path("current").asInt();
      if (!fails && phase(member).equals(ACTIVE) && current == version) {
        accepted++;
      } else if (fails
          && phase(member).equals(ROLLED_BACK)
          && current == version - 1
          && error.startsWith(REASON)) {
        back++;
        reason = member.device() + " reports: " + error;
      } else {
        others.add("  %s: %s %s".formatted(member.device(), phase(member), bundle));
      }
    }
    out.printf(
        "rolled out version %d to %d devices in %.1f s: %d accepted, %d rolled back%s, %d other%n",
        version,
        members.size(),
        seconds,
        accepted,
        back,
        breaks ? " as intended" : "",
        others.size());
    if (reason != null) {
      out.println("  " + reason);
    }
    others.forEach(out::println);
    return others.isEmpty();
  }
}
