package routes.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import routes.sandbox.FakeTime;

/** The wall clock of the runtime only. */
final class SteppedClock {
  private final FakeTime time;

  private SteppedClock(FakeTime time) {
    this.time = time;
  }

  /** Restarts the runtime with a clock that can be stepped and is correct at first. */
  static SteppedClock of(Rig rig) throws Exception {
    Optional<FakeTime> time = FakeTime.in(rig.folder);
    assumeTrue(time.isPresent(), "libfaketime is not installed; run apt-get install libfaketime");
    time.get().environment().forEach(rig::set);
    rig.runtime().close();
    rig.startRuntime();
    rig.awaitReady();
    return new SteppedClock(time.get());
  }

  /** Sets the offset from the correct time. Takes effect within a second. */
  void step(Duration off) throws IOException {
    time.step(off);
  }
}
