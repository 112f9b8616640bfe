package routes.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A random sequence of faults; the same seed gives the same sequence. */
final class Storm implements Fault.Nemesis {
  private static final int STEPS = 25;
  private static final int LONGEST_MILLIS = 4_000;
  private static final Duration SLOW = Duration.ofMillis(200);

  private final long seed;

  Storm(long seed) {
    this.seed = seed;
  }

  private enum Kind {
    REFUSES,
    BLACK_HOLE,
    HALF_OPEN,
    CUT,
    SLOW,
    CUT_BY_BYTES,
    NATS_SIGKILL,
    NATS_SIGSTOP,
    RUNTIME_SIGKILL,
    RUNTIME_SIGTERM
  }

  /**
   * @param cloud the affected cloud, if the fault is one of the network line
   */
  private record Step(Kind kind, int cloud, Duration lasts) {}

  private List<Step> schedule(int clouds) {
    Random lot = new Random(seed);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      Kind kind = Kind.values()[lot.nextInt(Kind.values().length)];
      steps.add(
          new Step(
              kind, lot.nextInt(clouds), Duration.ofMillis(100 + lot.nextInt(LONGEST_MILLIS))));
    }
    return steps;
  }

  @Override
  public void strike(Rig rig) throws Exception {
    List<Step> schedule = schedule(rig.clouds.size());
    for (int i = 0; i < schedule.size(); i++) {
      Step step = schedule.get(i);
      Cloud cloud = rig.clouds.get(step.cloud);
      Trial.say(
          "seed %d, %d of %d".formatted(seed, i + 1, STEPS),
          "%s %s %d ms".formatted(step.kind, cloud.gateway(), step.lasts.toMillis()));
      begin(step.kind, rig, cloud);
      Rig.lasts(step.lasts);
      end(step.kind, rig, cloud);
    }
  }

  private static void begin(Kind kind, Rig rig, Cloud cloud) throws Exception {
    switch (kind) {
      case REFUSES -> cloud.link().down();
      case BLACK_HOLE -> cloud.link().blackHole();
      case HALF_OPEN -> {
        cloud.link().upstream().timeout();
        cloud.link().downstream().timeout();
      }
      case CUT -> cloud.link().cut();
      case SLOW -> cloud.link().upstream().latency(SLOW, SLOW).bandwidth(20_000);
      case CUT_BY_BYTES -> cloud.link().upstream().limit(8_000);
      case NATS_SIGKILL -> rig.nats.kill();
      case NATS_SIGSTOP -> rig.nats.pause();
      case RUNTIME_SIGKILL -> rig.runtime().process().destroyForcibly().waitFor();
      case RUNTIME_SIGTERM -> rig.runtime().close();
    }
  }

  private static void end(Kind kind, Rig rig, Cloud cloud) throws Exception {
    switch (kind) {
      case REFUSES, BLACK_HOLE, HALF_OPEN, CUT, SLOW, CUT_BY_BYTES -> cloud.link().heal();
      case NATS_SIGKILL -> rig.nats.start();
      case NATS_SIGSTOP -> rig.nats.resume();
      case RUNTIME_SIGKILL, RUNTIME_SIGTERM -> rig.startRuntime();
    }
  }
}
